-- title: Search yield
-- description: What each search brought: its hits, the papers that they are, and the papers that no other search found.
WITH found AS (
  SELECT DISTINCT records.search_id, paper_records.paper_id
  FROM records
  JOIN paper_records ON paper_records.record_id = records.id
),
finders AS (
  SELECT paper_id, count(*) AS searches
  FROM found
  GROUP BY paper_id
)
SELECT
  searches.id AS search,
  searches.source,
  searches.query,
  searches.date,
  (SELECT count(*) FROM records WHERE records.search_id = searches.id) AS hits,
  count(found.paper_id) AS papers,
  coalesce(sum(finders.searches = 1), 0) AS found_by_no_other
FROM searches
LEFT JOIN found ON found.search_id = searches.id
LEFT JOIN finders ON finders.paper_id = found.paper_id
GROUP BY searches.id
ORDER BY searches.id
