-- The terms of the full-text index with the number of papers that each is in, where each stands, and words to be stemmed as it does.
CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab ('main', 'paper_search', 'row');
CREATE VIRTUAL TABLE temp.standing USING fts5vocab ('main', 'paper_search', 'instance');
CREATE VIRTUAL TABLE temp.typed USING fts5 (word, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE temp.typed_terms USING fts5vocab ('temp', 'typed', 'instance');
