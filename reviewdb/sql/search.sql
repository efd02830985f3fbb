-- Papers by words, codes and years.
-- :query  an FTS5 query, or '' for all papers
-- :words  whether it asks for any words, or only for papers without some: 1 or 0
-- :codes  JSON object: facet, or one layer of it -> array of codes; OR within a facet, AND across facets
-- :statuses  JSON array: the standings of a code that count (coded, suggested)
-- :first, :last  years, or NULL
-- :status  where the paper stands in screening, or ''
-- :limit  at most so many; -1: all. `found` counts all of them
WITH hits (paper, score, snippet) AS (
  SELECT
    rowid,
    -bm25(paper_search, 10, 4, 6, 2, 3, 10, 10) * :words,
    iif(:words, snippet(paper_search, -1, '[', ']', '…', 24), '')
  FROM paper_search
  WHERE :query <> '' AND paper_search MATCH :query
  UNION ALL
  SELECT rowid, 0, '' FROM papers WHERE :query = ''
)
SELECT
  papers.id,
  papers.key,
  papers.title,
  papers.authors,
  papers.year,
  papers.venue,
  papers.status,
  hits.snippet,
  round(hits.score, 4) AS score,
  count(*) OVER () AS found
FROM hits
JOIN papers ON papers.rowid = hits.paper
WHERE (:first IS NULL OR papers.year >= :first)
  AND (:last IS NULL OR papers.year <= :last)
  AND (:status = '' OR papers.status = :status)
  AND NOT EXISTS (
    SELECT 1
    FROM json_each(:codes) AS facet
    WHERE NOT EXISTS (
      SELECT 1
      FROM json_each(facet.value) AS wanted
      JOIN questions ON facet.key IN (questions.facet, questions.id)
      JOIN paper_codes AS said ON said.question_id = questions.id AND said.code = wanted.value
      WHERE said.paper_id = papers.id AND said.status IN (SELECT value FROM json_each(:statuses))
    )
  )
ORDER BY hits.score DESC, papers.id
LIMIT :limit
