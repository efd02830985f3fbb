-- :rows, :columns  two facets, or `year`. How many papers carry a code of each: coded in included papers, or said at all,
-- by coders or by a rule, in papers that are not excluded; and the newest year of those coded. A code implied by a finer one
-- counts, as it does where papers are chosen by it.
WITH said (paper_id, facet, code, coded, year) AS MATERIALIZED (
  SELECT papers.id, question_id, code, paper_codes.status = 'coded' AND papers.status = 'included', papers.year
  FROM paper_codes
  JOIN papers ON papers.id = paper_codes.paper_id
  WHERE question_id IN (:rows, :columns) AND paper_codes.status <> 'contested' AND papers.status <> 'excluded'
  UNION ALL
  SELECT id, 'year', CAST(year AS TEXT), status = 'included', year
  FROM papers
  WHERE 'year' IN (:rows, :columns) AND year IS NOT NULL AND status <> 'excluded'
)
SELECT
  one.code AS "row",
  other.code AS "column",
  sum(one.coded AND other.coded) AS coded,
  count(*) AS said,
  max(one.year) FILTER (WHERE one.coded AND other.coded) AS newest
FROM said AS one
JOIN said AS other ON other.paper_id = one.paper_id
WHERE one.facet = :rows AND other.facet = :columns
GROUP BY one.code, other.code
