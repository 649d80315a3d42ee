-- Statements do not tell the rows of a gateway. What was booked for an account before
-- its statements were first read is told by the reserve from now on.
update auditor.wire_items
set grp = sha256(convert_to(section, 'UTF8') || '\x00'::bytea || key)
where exchange_id = $1 and direction = 1 and side = 1 and section = $2
