-- :rows, :columns  two facets, or `year`. How many papers carry a code of each: coded in papers of :status, or said at all,
-- by coders or by a rule, in papers that are not excluded; and the newest year of those coded. A code implied by a finer one
-- counts, as it does where papers are chosen by it.
-- :first, :last  years, or NULL
WITH wanted AS (
  SELECT id, year, status = :status AS chosen
  FROM papers
  WHERE (status <> 'excluded' OR :status = 'excluded')
    AND (:first IS NULL OR year >= :first)
    AND (:last IS NULL OR year <= :last)
),
said (paper_id, facet, code, coded, year) AS MATERIALIZED (
  SELECT wanted.id, question_id, code, paper_codes.status = 'coded' AND chosen, wanted.year
  FROM paper_codes
  JOIN wanted ON wanted.id = paper_codes.paper_id
  WHERE question_id IN (:rows, :columns) AND paper_codes.status <> 'contested'
  UNION ALL
  SELECT id, 'year', CAST(year AS TEXT), chosen, year
  FROM wanted
  WHERE 'year' IN (:rows, :columns) AND year IS NOT NULL
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
