-- title: $label
-- description: Number of included papers that report it, median, quartiles and range.
-- keys: keys
WITH reported AS (
  SELECT
    papers.key,
    papers."$column" AS value,
    row_number() OVER (ORDER BY papers."$column") - 1 AS place,
    count(*) OVER () - 1 AS last
  FROM papers
  WHERE papers.status = 'included' AND papers."$column" IS NOT NULL
)
-- Of sorted numbers, the quantile p stands at place p * last; between two of them, each counts by how near it is.
SELECT
  count(*) AS n,
  round(sum(value * max(0, 1 - abs(place - 0.5 * last))), $digits) AS median,
  round(sum(value * max(0, 1 - abs(place - 0.25 * last))), $digits) AS q1,
  round(sum(value * max(0, 1 - abs(place - 0.75 * last))), $digits) AS q3,
  min(value) AS min,
  max(value) AS max,
  json_group_array(key) AS keys
FROM reported
