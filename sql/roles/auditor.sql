-- Here :"auditor" keeps its books, and adds reports, acknowledgements and evidence,
-- which it cannot change or remove; nor can it remove findings or exchanges, or put restarts on record. :"owner"
-- (auditor-dbinit) owns it all. To the event log it only adds.
revoke all on schema auditor from public;
alter schema auditor owner to :"owner";

grant connect, temporary on database :"database" to :"auditor";
grant usage on schema auditor, _v to :"auditor";
grant select on _v.patches to :"auditor";

revoke all on all tables in schema auditor from :"auditor";
grant select, insert, update, delete on all tables in schema auditor to :"auditor";
revoke update, delete
    on auditor.restarts, auditor.runs, auditor.acknowledgements, auditor.finding_periods, auditor.copied_chunks
    from :"auditor";
revoke delete on auditor.findings, auditor.exchanges from :"auditor";
revoke insert, update, delete on auditor.acknowledged from :"auditor";
revoke insert on auditor.restarts from :"auditor";
grant usage on all sequences in schema auditor to :"auditor";

revoke all on schema event_log from public;
alter schema event_log owner to :"owner";
grant usage on schema event_log to :"auditor";
revoke all on all tables in schema event_log from public, :"auditor";
grant select, insert on event_log.node, event_log.imports, event_log.events, event_log.event_details to :"auditor";
grant update on event_log.node to :"auditor";
revoke all on all functions in schema event_log from public;
grant execute on function event_log.add_months(timestamptz[]) to :"auditor";
