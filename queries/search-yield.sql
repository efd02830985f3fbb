-- title: Search yield
-- description: What each search brought: its hits, the papers that they are, those that no earlier search had found, and those that no
-- other search found at all. Searches that only told more of papers found before are left out.
WITH found AS (
  SELECT DISTINCT records.search_id, paper_records.paper_id
  FROM records
  JOIN paper_records ON paper_records.record_id = records.id
  WHERE records.about IS NULL
),
finders AS (
  SELECT
    found.search_id,
    found.paper_id,
    row_number() OVER (PARTITION BY found.paper_id ORDER BY searches.date = '', searches.date, searches.id) AS place,
    count(*) OVER (PARTITION BY found.paper_id) AS searches
  FROM found
  JOIN searches ON searches.id = found.search_id
)
SELECT
  searches.id AS search,
  searches.source,
  searches.query,
  searches.date,
  (SELECT count(*) FROM records WHERE records.search_id = searches.id) AS hits,
  count(finders.paper_id) AS papers,
  coalesce(sum(finders.place = 1), 0) AS new_papers,
  coalesce(sum(finders.searches = 1), 0) AS found_by_no_other
FROM searches
LEFT JOIN finders ON finders.search_id = searches.id
WHERE searches.kind <> 'enrichment'
GROUP BY searches.id
ORDER BY searches.id
