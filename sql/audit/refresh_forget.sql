-- Forgets the fresh coins of melts that were proven in this run.
delete from auditor.fresh_coins as f
using staged_proofs as p
where f.exchange_id = $1 and f.melt = p.melt and p.proven is not null
