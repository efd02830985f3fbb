-- The words of all papers at once: parts are written as they come and merged once at last, not again and again.
INSERT INTO paper_search (paper_search, rank) VALUES ('automerge', 0);
INSERT INTO paper_search (paper_search, rank) VALUES ('crisismerge', 1999);  -- the most that it takes
INSERT INTO paper_search (paper_search) VALUES ('rebuild');
INSERT INTO paper_search (paper_search) VALUES ('optimize');
-- From now on a few papers at a time, with SQLite's own numbers.
INSERT INTO paper_search (paper_search, rank) VALUES ('automerge', 4);
INSERT INTO paper_search (paper_search, rank) VALUES ('crisismerge', 16);
