-- The other's account of a transfer is kept although its two halves fit, since a later
-- booking may tear them apart.
comment on column auditor.wire_items.account is 'the other''s account; null where an audit before this patch settled the item';
