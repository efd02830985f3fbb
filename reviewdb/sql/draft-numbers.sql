-- title: $label by $other_name
-- description: Number of included papers that report it, median, quartiles and range; a paper with several codes counts in each.
-- keys: keys
WITH reported AS (
  SELECT
    codes.label,
    papers.key,
    papers."$column" AS value,
    row_number() OVER (PARTITION BY codes.id ORDER BY papers."$column") - 1 AS place,
    count(*) OVER (PARTITION BY codes.id) - 1 AS last
  FROM papers
  JOIN paper_codes AS said ON said.paper_id = papers.id AND said.question_id = '$other_id'
  JOIN codes ON codes.question_id = said.question_id AND codes.id = said.code
  WHERE papers.status = 'included' AND said.status = 'coded' AND NOT said.implied
    AND papers."$column" IS NOT NULL
)
-- Of sorted numbers, the quantile p stands at place p * last; between two of them, each counts by how near it is.
SELECT
  label AS "$other_label",
  count(*) AS n,
  round(sum(value * max(0, 1 - abs(place - 0.5 * last))), $digits) AS median,
  round(sum(value * max(0, 1 - abs(place - 0.25 * last))), $digits) AS q1,
  round(sum(value * max(0, 1 - abs(place - 0.75 * last))), $digits) AS q3,
  min(value) AS min,
  max(value) AS max,
  json_group_array(key) AS keys
FROM reported
GROUP BY label
ORDER BY median DESC, label
