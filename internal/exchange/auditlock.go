package exchange

import (
	"encoding/binary"

	"auditor/internal/taler"
)

// auditLockClass tells the advisory locks of audits from those of other programs.
const auditLockClass int32 = 0x61756469 // "audi"

// AuditLock returns the pair of keys of the advisory lock in the auditor's database
// under which the state about one exchange is changed: by an audit, or by who makes it
// begin anew. It is held for the transaction.
func AuditLock(master taler.EddsaPublicKey) (class, key int32) {
	return auditLockClass, int32(binary.BigEndian.Uint32(master[:]))
}
