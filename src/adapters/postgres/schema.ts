/**
 * Numbered migrations, applied in order, each in its own transaction. A released migration never changes.
 *
 * Records are stored as JSON text, so that every text comes back unchanged, even if PostgreSQL could not
 * store it in a column. Values used in queries or updates are columns beside it. `place` orders a list:
 * version of the memory * 1,000,000 + number of the operation.
 */
export const migrations: readonly string[] = [
  `
-- Nothing that a user said stands here: due work is looked for among all users, so no policy guards these rows.
create table memories (
  user_id text collate "C" primary key,
  version bigint not null default 0,
  -- Names of the latest transactions, the newest first: who got no answer to a commit finds out by them.
  recent bigint[] not null default '{}',
  last_migrated text,
  archived_segments integer not null default 0,
  archived_pages integer not null default 0,
  -- Null: no work waits.
  work_at timestamptz,
  claimed_by text,
  claimed_until timestamptz
);
create index memories_work on memories (work_at) where work_at is not null;

-- Access tokens of the servers: of each a hash, and nothing that was said.
create table tokens (
  token_id text collate "C" primary key,
  user_id text collate "C" not null,
  name text not null,
  created_at text not null,
  revoked_at text,
  sha256 text
);

-- How often something was done lately, by whom. Losing it costs nothing, so that no log is written for it.
create unlogged table counts (
  key text collate "C" primary key,
  count integer not null,
  ends_at timestamptz not null
);

create table segments (
  user_id text collate "C" not null references memories,
  id text collate "C" not null,
  place bigint not null,
  head text not null,
  n_visit integer not null,
  last_visit_at text collate "C" not null,
  -- Of its pages.
  pages integer not null default 0,
  unanalysed integer not null default 0,
  unread integer not null default 0,
  characters bigint not null default 0,
  first_at text collate "C",
  last_at text collate "C",
  primary key (user_id, id)
);

create table pages (
  user_id text collate "C" not null references memories,
  id text collate "C" not null,
  segment_id text collate "C",
  place bigint not null,
  at_ms bigint not null,
  said_at text collate "C" not null,
  page text not null,
  chain_id text collate "C",
  meta_info text not null,
  analysed boolean not null,
  read boolean not null,
  noted boolean not null,
  characters integer not null,
  user_lower text not null,
  agent_lower text not null,
  primary key (user_id, id),
  foreign key (user_id, segment_id) references segments
);
create index pages_order on pages (user_id, segment_id, place);
create index pages_time on pages (user_id, at_ms, id);
create index pages_chain on pages (user_id, chain_id) where chain_id is not null;
create index pages_unread on pages (user_id, place) where not read;

create table facts (
  user_id text collate "C" not null references memories,
  -- '': about the user.
  owner text not null,
  id text collate "C" not null,
  place bigint not null,
  fact text not null,
  primary key (user_id, owner, id)
);

create table traits (
  user_id text collate "C" not null references memories,
  name text not null,
  place bigint not null,
  trait text not null,
  primary key (user_id, name)
);

create table troubles (
  user_id text collate "C" not null references memories,
  job text not null,
  place bigint not null,
  trouble text not null,
  primary key (user_id, job)
);

create table tombstones (
  user_id text collate "C" not null references memories,
  key text not null,
  hash text not null,
  place bigint not null,
  until text collate "C",
  primary key (user_id, key, hash)
);

-- The log of what was changed by hand: one row, since it is written whole.
create table changes (
  user_id text collate "C" primary key references memories,
  log text not null
);

create table losses (
  user_id text collate "C" not null references memories,
  place bigint not null,
  loss text not null,
  primary key (user_id, place)
);

-- What left the tiers for want of room: the JSON of an archive entry.
create table archive (
  user_id text collate "C" not null references memories,
  place bigint not null,
  entry text not null,
  primary key (user_id, place)
);

create extension if not exists vector with schema public;

-- What a page is searched by.
create table page_terms (
  user_id text collate "C" not null,
  page_id text collate "C" not null,
  language text not null,
  names_time boolean not null,
  project text,
  user_terms text[] not null,
  agent_terms text[] not null,
  beside_terms text[] not null,
  length integer not null,
  primary key (user_id, page_id),
  foreign key (user_id, page_id) references pages on delete cascade
);

create table postings (
  user_id text collate "C" not null,
  term text collate "C" not null,
  page_id text collate "C" not null,
  count integer not null,
  by_user boolean not null,
  by_agent boolean not null,
  -- Of its page, so that a search reads nothing but the index.
  length integer not null,
  primary key (user_id, term, page_id) include (count, length),
  foreign key (user_id, page_id) references pages on delete cascade
);
create index postings_page on postings (user_id, page_id);

-- What a question weighs words by, kept in the transactions that store and remove pages.
create table page_counts (
  user_id text collate "C" not null,
  language text not null,
  pages integer not null,
  user_words bigint not null,
  agent_words bigint not null,
  in_projects integer not null,
  primary key (user_id, language)
);
create table term_counts (
  user_id text collate "C" not null,
  term text collate "C" not null,
  pages integer not null,
  by_user integer not null,
  by_agent integer not null,
  primary key (user_id, term)
) with (fillfactor = 80);

-- Derived: losing them costs time only.
create table page_readings (
  user_id text collate "C" not null,
  page_id text collate "C" not null,
  model text not null,
  vector public.vector not null,
  primary key (user_id, page_id),
  foreign key (user_id, page_id) references pages on delete cascade
);
-- A search reads the vectors of all pages of a user, and the pieces of few: these lie apart.
create table page_pieces (
  user_id text collate "C" not null,
  page_id text collate "C" not null,
  pieces bytea not null,
  primary key (user_id, page_id),
  foreign key (user_id, page_id) references page_readings on delete cascade
);
create table fact_readings (
  user_id text collate "C" not null,
  owner text not null,
  fact_id text collate "C" not null,
  model text not null,
  vector public.vector not null,
  primary key (user_id, owner, fact_id),
  foreign key (user_id, owner, fact_id) references facts on delete cascade
);

create function page_json(p pages) returns text language sql immutable as $$
  select '{"page":' || p.page || ',"chain_id":' || coalesce(to_json(p.chain_id)::text, 'null') || ',"meta_info":' || p.meta_info
    || ',"analysed":' || p.analysed || ',"read":' || p.read || ',"noted":' || p.noted
    || ',"segment_id":' || coalesce(to_json(p.segment_id)::text, 'null') || '}'
$$;

create function head_json(s segments) returns text language sql immutable as $$
  select '{"head":' || s.head || ',"n_visit":' || s.n_visit || ',"last_visit_at":' || to_json(s.last_visit_at)::text
    || ',"pages":' || s.pages || ',"unanalysed":' || s.unanalysed || ',"unread":' || s.unread
    || ',"characters":' || s.characters || ',"first_at":' || coalesce(to_json(s.first_at)::text, 'null')
    || ',"last_at":' || coalesce(to_json(s.last_at)::text, 'null') || '}'
$$;

create function misfit(what text) returns void language plpgsql as $$
begin
  raise exception '%', what using errcode = 'MO001';
end
$$;

-- Adds the words of stored pages to the counts (sign 1) or takes them away (sign -1).
create function count_words(u text, ids text[], sign integer) returns void language sql as $$
  insert into page_counts as c
    select u, t.language, sign * count(*), sign * sum(cardinality(t.user_terms)), sign * sum(cardinality(t.agent_terms)),
      sign * count(t.project)
    from page_terms t where t.user_id = u and t.page_id = any (ids) group by t.language
    on conflict (user_id, language) do update set pages = c.pages + excluded.pages,
      user_words = c.user_words + excluded.user_words, agent_words = c.agent_words + excluded.agent_words,
      in_projects = c.in_projects + excluded.in_projects;
  insert into term_counts as c
    select u, o.term, sign * count(*), sign * count(*) filter (where o.by_user), sign * count(*) filter (where o.by_agent)
    from postings o where o.user_id = u and o.page_id = any (ids) group by o.term
    on conflict (user_id, term) do update set pages = c.pages + excluded.pages, by_user = c.by_user + excluded.by_user,
      by_agent = c.by_agent + excluded.by_agent;
  delete from page_counts c where sign < 0 and c.user_id = u and c.pages = 0;
  delete from term_counts c where sign < 0 and c.user_id = u and c.pages = 0;
$$;

create function apply_operations(u text, v bigint, operations json, tx bigint) returns void language plpgsql as $$
declare
  o json;
  i integer := 0;
  at bigint;
  sid text;
  ids text[];
  n integer;
  touched text[] := '{}';
  -- Pages of this transaction, which are counted at its end.
  added text[] := '{}';
  stored text;
begin
  for o in select json_array_elements(operations) loop
    i := i + 1;
    at := v * 1000000 + i;
    sid := o->>'segment_id';
    ids := array(select json_array_elements_text(coalesce(o->'page_ids', '[]')));
    if sid is not null and not exists (select from segments s where s.user_id = u and s.id = sid) then
      perform misfit('there is no segment ' || sid);
    end if;
    if sid is not null then touched := touched || sid; end if;
    case o->>'op'
    when 'page_added' then
      if exists (select from pages p where p.user_id = u and p.id = o->>'id') then
        perform misfit('page ' || (o->>'id') || ' is stored already');
      end if;
      insert into pages values (u, o->>'id', sid, at, (o->>'at_ms')::bigint, o->>'said_at', o->>'page', o->>'chain_id',
        o->>'meta_info', (o->>'analysed')::boolean, (o->>'read')::boolean, (o->>'noted')::boolean,
        (o->>'characters')::integer, o->>'user_lower', o->>'agent_lower');
      insert into page_terms values (u, o->>'id', o->>'language', (o->>'names_time')::boolean, o->>'project',
        array(select json_array_elements_text(o->'user_terms')), array(select json_array_elements_text(o->'agent_terms')),
        array(select json_array_elements_text(o->'beside_terms')),
        json_array_length(o->'user_terms') + json_array_length(o->'agent_terms'));
      insert into postings select u, x->>0, o->>'id', (x->>1)::integer, (x->>2)::boolean, (x->>3)::boolean,
        json_array_length(o->'user_terms') + json_array_length(o->'agent_terms') from json_array_elements(o->'postings') x;
      added := added || (o->>'id');
    when 'page_migrated' then
      update pages p set segment_id = sid, place = at, chain_id = o->>'chain_id', meta_info = o->>'meta_info'
        where p.user_id = u and p.id = o->>'page_id' and p.segment_id is null;
      if not found then perform misfit('page ' || (o->>'page_id') || ' is not in short-term memory'); end if;
      update memories m set last_migrated = o->>'page_id' where m.user_id = u;
    when 'pages_analysed' then
      update pages p set analysed = true where p.user_id = u and p.segment_id = sid and p.id = any (ids);
      update segments s set n_visit = 0 where s.user_id = u and s.id = sid;
    when 'pages_read', 'pages_noted' then
      if (select count(*) from pages p where p.user_id = u and p.id = any (ids)) < (select count(distinct x) from unnest(ids) x) then
        perform misfit('there is no such page');
      end if;
      touched := touched || array(select p.segment_id from pages p where p.user_id = u and p.id = any (ids) and p.segment_id is not null);
      if o->>'op' = 'pages_read' then
        update pages p set read = true where p.user_id = u and p.id = any (ids);
      else
        update pages p set analysed = true, noted = true where p.user_id = u and p.id = any (ids);
      end if;
    when 'page_forgotten' then
      if o->>'page_id' <> all (added) then perform count_words(u, array[o->>'page_id'], -1); end if;
      delete from pages p where p.user_id = u and p.id = o->>'page_id' returning p.segment_id into stored;
      if not found then perform misfit('there is no page ' || (o->>'page_id')); end if;
      if stored is not null then touched := touched || stored; end if;
      update memories m set last_migrated = null where m.user_id = u and m.last_migrated = o->>'page_id';
    when 'page_summarised' then
      update pages p set meta_info = o->>'meta_info' where p.user_id = u and p.id = o->>'page_id';
      if not found then perform misfit('there is no page ' || (o->>'page_id')); end if;
    when 'segment_put' then
      insert into segments (user_id, id, place, head, n_visit, last_visit_at)
        values (u, o->>'id', at, o->>'head', (o->>'n_visit')::integer, o->>'last_visit_at')
        on conflict (user_id, id) do update set head = excluded.head, n_visit = excluded.n_visit, last_visit_at = excluded.last_visit_at;
    when 'segment_visited' then
      update segments s set n_visit = s.n_visit + (o->>'visits')::integer,
        last_visit_at = greatest(s.last_visit_at, (o->>'at') collate "C") where s.user_id = u and s.id = sid;
    when 'segment_archived' then
      insert into archive select u, at, '{"kind":"segment","segment":' || head_json(s) || ',"pages":['
        || coalesce((select string_agg(page_json(p), ',' order by p.place) from pages p where p.user_id = u and p.segment_id = sid), '')
        || ']}' from segments s where s.user_id = u and s.id = sid;
      perform count_words(u, array(select p.id from pages p where p.user_id = u and p.segment_id = sid and p.id <> all (added)), -1);
      delete from pages p where p.user_id = u and p.segment_id = sid;
      get diagnostics n = row_count;
      delete from segments s where s.user_id = u and s.id = sid;
      update memories m set archived_segments = m.archived_segments + 1, archived_pages = m.archived_pages + n where m.user_id = u;
    when 'segment_removed' then
      if exists (select from pages p where p.user_id = u and p.segment_id = sid) then
        perform misfit('segment ' || sid || ' still has pages');
      end if;
      delete from segments s where s.user_id = u and s.id = sid;
    when 'archive_reduced' then
      update memories m set archived_segments = greatest(0, m.archived_segments - (o->>'segments')::integer),
        archived_pages = greatest(0, m.archived_pages - (o->>'pages')::integer) where m.user_id = u;
    when 'trait_put' then
      insert into traits values (u, o->>'name', at, o->>'trait')
        on conflict (user_id, name) do update set trait = excluded.trait;
    when 'trait_removed' then
      delete from traits t where t.user_id = u and t.name = o->>'name';
    when 'fact_put' then
      insert into facts values (u, o->>'owner', o->>'id', at, o->>'fact')
        on conflict (user_id, owner, id) do update set fact = excluded.fact;
      delete from fact_readings r where r.user_id = u and r.owner = o->>'owner' and r.fact_id = o->>'id';
    when 'fact_removed' then
      delete from facts f where f.user_id = u and f.owner = o->>'owner' and f.id = o->>'id' returning f.fact into stored;
      if not found then perform misfit('there is no fact ' || (o->>'id')); end if;
      if o->>'reason' = 'capacity' then
        insert into archive values (u, at, '{"kind":"fact","fact":' || stored || '}');
      end if;
    when 'changes_set' then
      insert into changes values (u, o->>'changes') on conflict (user_id) do update set log = excluded.log;
    when 'analysis_failed' then
      insert into troubles values (u, o->>'job', at, o->>'trouble')
        on conflict (user_id, job) do update set trouble = excluded.trouble;
    when 'analysis_recovered' then
      delete from troubles t where t.user_id = u and t.job = o->>'job';
    when 'tombstones_put' then
      insert into tombstones as t (user_id, key, hash, place, until)
        select distinct on (h.hash) u, o->>'key', h.hash, at, o->>'until' from json_array_elements_text(o->'hashes') as h (hash)
        on conflict (user_id, key, hash) do update
          set until = case when t.until is null or excluded.until is null then null else greatest(t.until, excluded.until) end;
    when 'loss_noted' then
      insert into losses values (u, at, o->>'loss');
    when 'losses_accepted' then
      delete from losses l where l.user_id = u;
    end case;
  end loop;
  if added <> '{}' then perform count_words(u, added, 1); end if;
  update segments s set pages = c.pages, unanalysed = c.unanalysed, unread = c.unread, characters = c.characters,
      first_at = c.first_at, last_at = c.last_at
    from (
      select t.id, count(p.id) as pages, count(p.id) filter (where not p.analysed) as unanalysed,
        count(p.id) filter (where not p.read) as unread, coalesce(sum(p.characters), 0) as characters,
        min(p.said_at) as first_at, max(p.said_at) as last_at
      from (select distinct unnest(touched) as id) t left join pages p on p.user_id = u and p.segment_id = t.id
      group by t.id
    ) c
    where s.user_id = u and s.id = c.id;
  update memories m set version = v, recent = (tx || m.recent)[1:8], work_at = now() where m.user_id = u;
  perform pg_notify('memoryos', json_build_array(current_schema(), u, v)::text);
end
$$;

-- A statement that forgets to say whose rows it means sees those of the user its transaction is for, and nobody's
-- where it is for none. Not of a superuser, whom PostgreSQL asks no policy.
do $$
declare
  name text;
begin
  foreach name in array array['segments', 'pages', 'facts', 'traits', 'troubles', 'tombstones', 'losses', 'archive',
    'changes', 'page_terms', 'postings', 'page_counts', 'term_counts', 'page_readings',
    'page_pieces', 'fact_readings'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own on %I using (user_id = current_setting(''memoryos.user'', true))', name);
  end loop;
end
$$;
`,
];
