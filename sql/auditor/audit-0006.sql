-- What merchants reported of the exchange's word for deposits, and what the audits
-- made of it.

-- Reports cannot be had again, so they are apart from what audits can find out anew.
create table auditor.deposit_confirmations (
    exchange_id integer not null references auditor.exchanges on delete cascade,
    serial bigint not null check (serial > 0),
    h_contract_terms bytea not null check (length(h_contract_terms) = 64),
    h_wire bytea not null check (length(h_wire) = 64),
    exchange_timestamp bigint not null check (exchange_timestamp >= 0),
    refund_deadline bigint not null check (refund_deadline >= 0),
    amount numeric(30,8) not null check (amount >= 0),
    coin_pub bytea not null check (length(coin_pub) = 32),
    merchant_pub bytea not null check (length(merchant_pub) = 32),
    exchange_pub bytea not null check (length(exchange_pub) = 32),
    exchange_sig bytea not null check (length(exchange_sig) = 64),
    key_start bigint check (key_start >= 0),
    key_expire_sign bigint check (key_expire_sign >= 0),
    key_expire_legal bigint check (key_expire_legal >= 0),
    master_sig bytea check (length(master_sig) = 64),
    statement bytea not null check (length(statement) = 32),
    imported timestamptz not null default now(),
    primary key (exchange_id, serial),
    unique (exchange_id, statement, exchange_pub),
    check (num_nulls(key_start, key_expire_sign, key_expire_legal, master_sig) in (0, 4))
);
create index deposit_confirmations_coin on auditor.deposit_confirmations (exchange_id, coin_pub);
comment on table auditor.deposit_confirmations is
    'what the exchange signed to merchants about deposits, as merchants reported it; numbered per exchange without a gap';
comment on column auditor.deposit_confirmations.amount is 'without the deposit fee';
comment on column auditor.deposit_confirmations.master_sig is
    'the master key''s word for exchange_pub and the three times, if the report had it';
comment on column auditor.deposit_confirmations.statement is 'SHA-256 of what was signed';

create table auditor.confirmation_states (
    exchange_id integer not null,
    serial bigint not null,
    proven boolean not null,
    until bigint not null,
    deposits bigint not null default 0,
    deposit_serial bigint,
    known_coin_id bigint,
    h_wire bytea,
    exchange_timestamp bigint,
    refund_deadline bigint,
    amount_with_fee numeric(30,8),
    amount numeric(30,8),
    defect text,
    missing boolean not null default false,
    wrong boolean not null default false,
    primary key (exchange_id, serial),
    foreign key (exchange_id, serial) references auditor.deposit_confirmations on delete cascade
);
create index confirmation_states_kept on auditor.confirmation_states (exchange_id, until) where proven;
create index confirmation_states_wrong on auditor.confirmation_states (exchange_id, serial) where wrong;
create index confirmation_states_unproven on auditor.confirmation_states (exchange_id, serial) where not proven;
comment on table auditor.confirmation_states is 'each confirmation that was audited, with the deposit that it is about as it was when they were matched';
comment on column auditor.confirmation_states.proven is 'signed with a key that the master key had signed';
comment on column auditor.confirmation_states.until is
    'when the exchange may forget: the end of the denomination if the deposit was seen, else that of the key';
comment on column auditor.confirmation_states.deposits is 'how many deposits the confirmation is about';
comment on column auditor.confirmation_states.deposit_serial is 'the one that it was compared with; kept when it is gone';
comment on column auditor.confirmation_states.amount is 'of the deposit, without the deposit fee; null if that cannot be told';
comment on column auditor.confirmation_states.missing is 'no deposit was there when one had to be';
comment on column auditor.confirmation_states.wrong is 'there is something to find';

create table auditor.deposit_marks (
    exchange_id integer primary key references auditor.exchanges on delete cascade,
    before bigint not null,
    next bigint not null
);
comment on table auditor.deposit_marks is 'how far the table of deposits went at the last two audits: deposits from there on are compared with all confirmations';
