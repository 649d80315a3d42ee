-- What a fresh coin was to be signed with, and what it was signed with, as evidence.
alter table auditor.unlinked_coins
    add column transfer_pub bytea check (length(transfer_pub) = 32),
    add column link_sig bytea check (length(link_sig) = 64);
comment on column auditor.unlinked_coins.transfer_pub is 'what was to be signed, beside the hashes; null where an audit before this patch found the coin';
comment on column auditor.unlinked_coins.link_sig is 'the signature that does not verify; null where an audit before this patch found the coin';
