-- Papers in whose text an FTS5 query (:query) finds something.
SELECT papers.id FROM paper_search JOIN papers ON papers.rowid = paper_search.rowid WHERE paper_search MATCH :query
