import { DatabaseSync } from "node:sqlite";
import type { CommitGraph } from "../../automation/metrics/lead-time.ts";
import type { LedgerRecord } from "../../automation/promotion/ledger-records.ts";

/** The figures as SQL says them. */
export type SqlFigures = Record<string, number | string | null>;

const tables = `
  create table records (seq integer primary key, at integer, kind text, stage text, verb text, release text, commit_id text);
  create table commits (id text primary key, time integer, parents integer);
  create table edges (child text, parent text);
`;

/** What changes the state of an environment, what judges it, and where a deployment begins. */
const views = `
  create view changing as select * from records where kind in ('promoted', 'rolled-back', 'destroyed')
    or (kind = 'failed' and stage = 'deploy') or (kind = 'interrupted' and verb <> 'verify');
  create view spans as select c.*, (select min(seq) from changing n where n.seq > c.seq) as next from changing c;
  create view verdicts as select s.seq, v.seq as vseq, v.at, v.kind from spans s join records v
    on v.seq > s.seq and (s.next is null or v.seq < s.next) and v.release is s.release
    where s.kind = 'promoted' and (v.kind = 'verified' or (v.kind = 'failed' and v.stage = 'verify'));
  create view attempts as select s.seq, s.at, s.commit_id,
      case when s.kind = 'failed' then 'failed' when s.kind = 'interrupted' then 'interrupted'
        when exists (select 1 from verdicts v where v.seq = s.seq and v.kind = 'failed') then 'failed'
        when (select kind from records where seq = s.next) = 'rolled-back' then 'failed'
        when exists (select 1 from verdicts v where v.seq = s.seq and v.kind = 'verified') then 'succeeded'
        else 'unverified' end as outcome,
      (select at from verdicts v where v.seq = s.seq and v.kind = 'verified' order by vseq limit 1) as verified_at
    from spans s where s.kind in ('promoted', 'failed') or (s.kind = 'interrupted' and s.verb not in ('destroy', 'rollback'));
  create view notable as select * from records where kind in ('verified', 'failed')
    or seq in (select seq from changing);
  create view followed as select n.*, lead(kind) over (order by seq) as then_kind, lead(stage) over (order by seq) as then_stage
    from notable n;
  create view closers as select seq, at from followed where kind = 'verified'
    or (kind in ('promoted', 'rolled-back') and (then_kind is null or then_kind in ('promoted', 'interrupted')
      or (then_kind = 'failed' and then_stage = 'deploy')));
  create view turning as select seq, at, 'fail' as turn from records where kind = 'failed'
    union all select seq, at, 'close' from closers union all select seq, at, 'gone' from records where kind = 'destroyed';
  create view begins as select * from (select t.*, lag(turn) over (order by seq) as before from turning t)
    where turn = 'fail' and before is not 'fail';
  create view outages as select b.at as started, n.turn, n.at as ended from begins b left join turning n
    on n.seq = (select min(seq) from turning where seq > b.seq and turn <> 'fail');
  create view reach as with recursive r(seq, id) as (
      select seq, commit_id from attempts where verified_at is not null and commit_id in (select id from commits)
      union select r.seq, e.parent from r join edges e on e.child = r.id join commits c on c.id = e.parent)
    select * from r;
  create view firsts as select id, min(seq) as seq from reach group by id;
  create view leads as select f.id, max(a.verified_at - c.time, 0) / 1000.0 as seconds, a.verified_at as at
    from firsts f join attempts a using (seq) join commits c on c.id = f.id
    where case when f.seq = (select min(seq) from reach) then f.id = a.commit_id else c.parents <= 1 end;
`;

const distribution = (name: string, from: string) => `
  (select count(*) from ${from}) as ${name}_count,
  (select avg(seconds) from ${from}) as ${name}_mean,
  (select avg(seconds) from (select seconds, row_number() over (order by seconds) as place, count(*) over () as total from ${from})
    where place in ((total + 1) / 2, (total + 2) / 2)) as ${name}_median,
  (select seconds from (select seconds, row_number() over (order by seconds) as place, count(*) over () as total from ${from})
    where place = (total * 9 + 9) / 10) as ${name}_p90`;

const day = 86_400_000;

const frequency = `
  with recursive well as (select at from inside where outcome in ('succeeded', 'unverified')),
  aged as (select at / ${day} as day, max(cast(:now as integer) - at, 0) as age from well),
  weeks(week) as (select 0 union all select week + 1 from weeks where (week + 1) * ${7 * day} < :span),
  months(month) as (select 0 union all select month + 1 from months where (month + 1) * ${30 * day} < :span),
  weekly as (select count(distinct day) as days from weeks left join aged on age / ${7 * day} = week group by week),
  monthly as (select count(day) as deploys from months left join aged on age / ${30 * day} = month group by month),
  week_median as (select avg(days) as value from (select days, row_number() over (order by days) as place, count(*) over () as total from weekly)
    where place in ((total + 1) / 2, (total + 2) / 2)),
  month_median as (select avg(deploys) as value from (select deploys, row_number() over (order by deploys) as place,
    count(*) over () as total from monthly) where place in ((total + 1) / 2, (total + 2) / 2))
  select case when not exists (select 1 from well) then 'none' when (select value from week_median) >= 3 then 'daily'
    when (select value from week_median) >= 1 then 'weekly' when (select value from month_median) >= 1 then 'monthly'
    else 'yearly' end as bucket, (select count(distinct day) from aged) as days, (select count(*) from well) as deployments`;

/** The same figures in another language and another way: no fold, only relations between rows. */
export function figuresBySql(
  records: readonly LedgerRecord[],
  graph: CommitGraph,
  days: number,
  now: number,
): SqlFigures {
  const database = new DatabaseSync(":memory:");
  try {
    database.exec(tables + views);
    fill(database, records, graph);
    const first = records[0] === undefined ? now : Date.parse(records[0].at);
    const from = Math.max(now - days * day, first - 1);
    database.exec(`create view inside as select * from attempts where at > ${from};
      create view inside_leads as select * from leads where at > ${from};
      create view restores as select max(ended - started, 0) / 1000.0 as seconds from outages
        where turn = 'close' and max(ended, started) > ${from};`);
    const figures = database
      .prepare(
        `select (select count(*) from inside where outcome = 'succeeded') as succeeded,
          (select count(*) from inside where outcome = 'unverified') as unverified,
          (select count(*) from inside where outcome = 'failed') as failed,
          (select count(*) from inside where outcome = 'interrupted') as interrupted,
          (select avg(outcome = 'failed') from inside where outcome <> 'interrupted') as failure_rate,
          (select avg(outcome in ('succeeded', 'unverified')) from inside) as success_rate,
          (select count(*) from records where kind = 'rolled-back' and at > ${from}) as rollbacks,
          (select started from outages where turn is null) as failing_since,
          ${distribution("lead", "inside_leads")}, ${distribution("restore", "restores")}`,
      )
      .get() as SqlFigures;
    const often = database.prepare(frequency).get({ now, span: Math.max(now - from, 1) }) as SqlFigures;
    return { ...figures, ...often };
  } finally {
    database.close();
  }
}

function fill(database: DatabaseSync, records: readonly LedgerRecord[], graph: CommitGraph): void {
  const record = database.prepare("insert into records values (?, ?, ?, ?, ?, ?, ?)");
  for (const one of records)
    record.run(
      one.sequence,
      Date.parse(one.at),
      one.kind,
      "stage" in one ? one.stage : null,
      "verb" in one ? one.verb : null,
      "release" in one ? (one.release ?? null) : null,
      "commit" in one ? (one.commit ?? null) : null,
    );
  const commit = database.prepare("insert into commits values (?, ?, ?)");
  const edge = database.prepare("insert into edges values (?, ?)");
  for (const [id, { time, parents }] of graph) {
    commit.run(id, time, parents.length);
    for (const parent of parents) edge.run(id, parent);
  }
}
