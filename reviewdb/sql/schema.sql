-- The database of a review: a build product, rebuilt from data/ and queries/ whenever they change. Never edit it.
--
-- Of three values and more, IN in a CHECK makes a table of them for each row that comes in, which takes longer than the
-- row; tables that grow with the papers have OR.

CREATE TABLE build_info (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- The files that the database was built from, to tell whether it is up to date. sha256 only where files grow.
CREATE TABLE sources (
  path TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  sha256 TEXT
) STRICT;

CREATE TABLE protocol (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- What a published review prints of itself, apart from all that is derived here.
CREATE TABLE reported (
  position INTEGER PRIMARY KEY,
  label TEXT NOT NULL,
  value TEXT NOT NULL,
  note TEXT NOT NULL,
  figure TEXT
) STRICT;

-- What a paper must satisfy, with the stage and reason that exclude it where it does not, and the rule that can tell.
CREATE TABLE criteria (
  position INTEGER PRIMARY KEY,
  stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  text TEXT NOT NULL,
  rule TEXT
) STRICT;

CREATE TABLE queries (
  name TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  across TEXT,
  sql TEXT NOT NULL,
  -- The column of citation keys, and shares of the width and sides of columns, as the comments of the file say them.
  keys TEXT,
  widths TEXT,
  align TEXT,
  -- Whom it is for, if the file says so.
  audience TEXT CHECK (audience IN ('readers', 'coders'))
) STRICT;

CREATE TABLE searches (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  query TEXT NOT NULL,
  date TEXT NOT NULL,
  parameters TEXT NOT NULL CHECK (json_valid(parameters)),
  -- search: to find papers; citations: to follow them; list: to take in what others listed; enrichment: to know more of
  -- papers that others found.
  kind TEXT NOT NULL CHECK (kind IN ('search', 'citations', 'list', 'enrichment')),
  -- The software that made it.
  version TEXT
) STRICT;

-- The pages of a search that was harvested page by page. next: where the next one begins; empty: there is none.
CREATE TABLE pages (
  search_id TEXT NOT NULL REFERENCES searches (id),
  number INTEGER NOT NULL,
  at TEXT NOT NULL,
  url TEXT NOT NULL,
  hits INTEGER NOT NULL,
  total INTEGER,
  next TEXT,
  PRIMARY KEY (search_id, number)
) STRICT;

CREATE TABLE records (
  id TEXT PRIMARY KEY,
  search_id TEXT NOT NULL REFERENCES searches (id),
  rank INTEGER,
  title TEXT NOT NULL,
  authors TEXT NOT NULL CHECK (json_valid(authors)),
  year INTEGER,
  venue TEXT,
  volume TEXT,
  pages TEXT,
  doi TEXT,
  url TEXT,
  abstract TEXT,
  citations INTEGER,
  venue_type TEXT,
  published TEXT,
  -- The fields that the source cut short.
  cut TEXT NOT NULL CHECK (json_valid(cut)),
  -- The record that this one tells more of: this one is no hit of its own, but what another source knows of that hit.
  about TEXT REFERENCES records (id) DEFERRABLE INITIALLY DEFERRED,
  extra TEXT NOT NULL CHECK (json_valid(extra))
) STRICT;

CREATE TABLE studies (
  id TEXT PRIMARY KEY,
  papers INTEGER NOT NULL
) STRICT;

-- One column more for each question: a JSON array of the codes that coders agree on (of a text or number, that),
-- and <question>_suggested for what only rules say so far. The view paper_facets has these columns alone.
CREATE TABLE papers (
  id TEXT PRIMARY KEY,
  -- BibTeX takes two keys that differ in capitals alone for one.
  key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  title TEXT NOT NULL,
  authors TEXT NOT NULL,
  year INTEGER,
  venue TEXT,
  volume TEXT,
  pages TEXT,
  doi TEXT,
  url TEXT,
  abstract TEXT,
  citations INTEGER,
  venue_type TEXT,
  published TEXT,
  study_id TEXT NOT NULL REFERENCES studies (id),
  status TEXT NOT NULL CHECK (status = 'included' OR status = 'excluded' OR status = 'contested' OR status = 'pending'),
  stage TEXT,
  reason TEXT,
  -- Labels of codes, and texts: what the search finds besides the bibliography.
  terms TEXT
) STRICT;

CREATE TABLE paper_records (
  record_id TEXT PRIMARY KEY REFERENCES records (id),
  paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The search that found a paper before any other did.
CREATE TABLE paper_arrivals (
  paper_id TEXT PRIMARY KEY REFERENCES papers (id) ON DELETE CASCADE,
  search_id TEXT NOT NULL REFERENCES searches (id)
) STRICT, WITHOUT ROWID;

-- The work that a record is, by the name of its source (OpenAlex), and the works of the review that it cites.
CREATE TABLE record_works (
  record_id TEXT PRIMARY KEY REFERENCES records (id),
  work TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE record_references (
  record_id TEXT NOT NULL REFERENCES records (id),
  work TEXT NOT NULL,
  PRIMARY KEY (record_id, work)
) STRICT, WITHOUT ROWID;

-- Why two records are, may be, or are ruled not to be one paper (same) or one study (version).
CREATE TABLE links (
  a TEXT NOT NULL REFERENCES records (id),
  b TEXT NOT NULL REFERENCES records (id),
  relation TEXT NOT NULL
    CHECK (relation = 'same' OR relation = 'version' OR relation = 'different' OR relation = 'doubtful'),
  rule TEXT NOT NULL,
  score REAL NOT NULL,
  reason TEXT NOT NULL,
  coder TEXT,
  cut INTEGER NOT NULL,
  PRIMARY KEY (a, b),
  CHECK (a < b)
) STRICT;

-- What rules alone say of two records, whatever people rule. rank: the place of the rule, an earlier one is stronger.
CREATE TABLE matches (
  a TEXT NOT NULL REFERENCES records (id),
  b TEXT NOT NULL REFERENCES records (id),
  relation TEXT NOT NULL CHECK (relation = 'same' OR relation = 'version' OR relation = 'doubtful'),
  rule TEXT NOT NULL,
  score REAL NOT NULL,
  reason TEXT NOT NULL,
  rank INTEGER NOT NULL,
  PRIMARY KEY (a, b),
  CHECK (a < b)
) STRICT;

-- The doubtful links that wait for a person: of two papers the best one, unless somebody has ruled on the two already.
CREATE VIEW doubtful_pairs AS
WITH between_papers AS (
  SELECT links.*, min(one.paper_id, other.paper_id) AS paper, max(one.paper_id, other.paper_id) AS other
  FROM links
  JOIN paper_records AS one ON one.record_id = links.a
  JOIN paper_records AS other ON other.record_id = links.b
  WHERE one.paper_id <> other.paper_id AND (relation = 'doubtful' OR rule = 'ruling')
)
SELECT a, b, score, rule, reason
FROM (
  SELECT *, row_number() OVER (PARTITION BY paper, other ORDER BY score DESC, a, b) AS place
  FROM between_papers
  WHERE relation = 'doubtful'
    AND (paper, other) NOT IN (SELECT paper, other FROM between_papers WHERE rule = 'ruling')
)
WHERE place = 1;

-- Which record gave a paper each of its fields, where it has several records.
CREATE TABLE paper_fields (
  paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  record_id TEXT NOT NULL REFERENCES records (id),
  PRIMARY KEY (paper_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE questions (
  id TEXT PRIMARY KEY,
  position INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('stage', 'codes', 'text', 'number')),
  facet TEXT NOT NULL,
  label TEXT NOT NULL,
  definition TEXT NOT NULL,
  -- The columns of papers that answer it.
  paper_column TEXT,
  suggested_column TEXT,
  -- What a number is in.
  unit TEXT
) STRICT;

CREATE TABLE codes (
  question_id TEXT NOT NULL REFERENCES questions (id),
  id TEXT NOT NULL,
  position INTEGER NOT NULL,
  label TEXT NOT NULL,
  definition TEXT NOT NULL,
  parent TEXT,
  family TEXT,
  anchors TEXT NOT NULL CHECK (json_valid(anchors)),
  -- Of a reason to exclude: the paper was sought for the stage, and could not be had.
  not_retrieved INTEGER NOT NULL,
  PRIMARY KEY (question_id, id),
  FOREIGN KEY (question_id, parent) REFERENCES codes (question_id, id)
) STRICT;

-- What codes of a facet became, and all codes below them. It holds for every answer given before that moment, by anybody.
CREATE TABLE recodings (
  facet TEXT NOT NULL,
  at TEXT NOT NULL,
  coder TEXT NOT NULL,
  codes TEXT NOT NULL CHECK (json_valid(codes)),
  became TEXT NOT NULL CHECK (json_valid(became)),
  why TEXT NOT NULL,
  undoes TEXT
) STRICT;

-- Every decision ever made, those of rules (coder rule:...) included. withdrawn: the coder takes the answer back;
-- undoes: the moment of the same coder's decision that is to be as if it had never been made.
-- said: the answer in the codes of its time, where they are not those of now (answers has those of now).
-- reopened: a code of the answer was split, and it does not say into which one.
CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL REFERENCES records (id),
  question_id TEXT NOT NULL REFERENCES questions (id),
  coder TEXT NOT NULL,
  at TEXT NOT NULL,
  why TEXT NOT NULL,
  settles INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  undoes TEXT,
  said TEXT,
  reopened INTEGER NOT NULL
) STRICT;

-- What a decision says in the codes of now, one row for each code (for a rule, for each code and each span of words that speaks for it).
CREATE TABLE answers (
  decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE,
  question_id TEXT NOT NULL,
  code TEXT,
  -- A text, or a number as it is written; number: the same to compute with.
  text TEXT,
  number REAL,
  field TEXT,
  "start" INTEGER,
  "end" INTEGER,
  words TEXT,
  FOREIGN KEY (question_id, code) REFERENCES codes (question_id, id)
) STRICT;

-- What each coder says now. answer: the codes, or the text, as people read it; contested: other coders say otherwise.
CREATE TABLE current_decisions (
  paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
  question_id TEXT NOT NULL REFERENCES questions (id),
  coder TEXT NOT NULL,
  decision_id INTEGER NOT NULL REFERENCES decisions (id),
  answer TEXT NOT NULL,
  contested INTEGER NOT NULL,
  PRIMARY KEY (paper_id, question_id, coder)
) STRICT, WITHOUT ROWID;

-- Answers that count no more since their code was split, until the coder answers again or somebody settles the question.
CREATE TABLE open_again (
  paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
  question_id TEXT NOT NULL REFERENCES questions (id),
  coder TEXT NOT NULL,
  decision_id INTEGER NOT NULL REFERENCES decisions (id),
  PRIMARY KEY (paper_id, question_id, coder)
) STRICT, WITHOUT ROWID;

-- coded: all coders agree; contested: some say so; suggested: only a rule does, and no person has answered.
-- implied: not named itself, but an ancestor of a code that is.
CREATE TABLE paper_codes (
  paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
  question_id TEXT NOT NULL,
  code TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status = 'coded' OR status = 'contested' OR status = 'suggested'),
  implied INTEGER NOT NULL,
  PRIMARY KEY (paper_id, question_id, code, status),
  FOREIGN KEY (question_id, code) REFERENCES codes (question_id, id)
) STRICT, WITHOUT ROWID;

-- Where a paper stood before (was_) and after each day on which people decided on it: at is the moment of the last
-- decision of that day, coders a JSON array of who made them. codes: those on which coders agreed, as finely as they did, a
-- JSON object of an array for each question.
CREATE TABLE paper_days (
  paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
  day TEXT NOT NULL,
  at TEXT NOT NULL,
  coders TEXT NOT NULL CHECK (json_valid(coders)),
  was_status TEXT NOT NULL,
  was_codes TEXT NOT NULL CHECK (json_valid(was_codes)),
  status TEXT NOT NULL,
  codes TEXT NOT NULL CHECK (json_valid(codes)),
  PRIMARY KEY (paper_id, day)
) STRICT;

-- What coders said before they could see each other's answers (reviewdb/consensus.py). said: for each coder, in order of
-- name, the coder, the answer, and what the same coder says since, null being nothing; an answer is an array of codes, or
-- of a text. As one JSON array: papers that were answered alike are counted by it.
CREATE TABLE independent_answers (
  paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
  question_id TEXT NOT NULL REFERENCES questions (id),
  said TEXT NOT NULL CHECK (json_valid(said)),
  PRIMARY KEY (paper_id, question_id)
) STRICT, WITHOUT ROWID;

-- Papers that updates changed since the whole build, in the order of time: what was read before is mended by them.
-- words: whether a search finds them otherwise now.
CREATE TABLE touched (
  number INTEGER PRIMARY KEY,
  paper_id TEXT NOT NULL,
  words INTEGER NOT NULL
) STRICT;

-- What rules can tell of a paper by the criteria, and from which words.
CREATE TABLE paper_criteria (
  paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
  position INTEGER NOT NULL REFERENCES criteria (position),
  holds TEXT NOT NULL CHECK (holds = 'yes' OR holds = 'no' OR holds = 'unknown'),
  field TEXT,
  words TEXT,
  PRIMARY KEY (paper_id, position)
) STRICT, WITHOUT ROWID;

-- What a search looks through: of each text so many letters as next to no real one has, since to mark the places of a word
-- that stands in a text n times costs n * n, and a title that says one word 200,000 times cost minutes.
CREATE VIEW paper_words AS
SELECT
  rowid,
  substr(title, 1, 2000) AS title,
  substr(abstract, 1, 10000) AS abstract,
  substr(authors, 1, 50000) AS authors,
  substr(venue, 1, 2000) AS venue,
  substr(terms, 1, 10000) AS terms,
  substr(key, 1, 500) AS key,
  substr(doi, 1, 500) AS doi
FROM papers;

CREATE VIRTUAL TABLE paper_search USING fts5 (
  title, abstract, authors, venue, terms, key, doi,
  content = 'paper_words',
  -- One letter and a star stand for a tenth of all words: without an index of their own, each asks for every one of these.
  prefix = '1 2',
  tokenize = 'porter unicode61 remove_diacritics 2'
);
