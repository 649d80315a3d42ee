package exchange

// PassLock is the key of a PostgreSQL advisory lock in the trusted database of an
// external auditor. Replication holds it, exclusively and for its session, while
// it copies a pass; whoever wants to read whole passes only takes it shared
// (pg_advisory_lock_shared) while it acquires its snapshot, no longer.
const PassLock int64 = 0x6175_6469_746f_0001 // "audito", 1

// ReplicationLock is the key of the advisory lock that a replicating session
// holds, exclusively, as long as it is connected to the trusted database: two of
// them would copy the same rows.
const ReplicationLock int64 = 0x6175_6469_746f_0002 // "audito", 2
