-- A full-text index of the few papers of a page: in the one of all papers, each of them would have every paper looked for
-- that a search finds.
CREATE VIRTUAL TABLE temp.shown USING fts5 (
  title, abstract, authors, venue, terms, key, doi,
  tokenize = 'porter unicode61 remove_diacritics 2'
);
