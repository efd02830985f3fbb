-- title: What titles and abstracts name, up to the window's last year and since
-- description: For each modality, in its broadest sense, and each method: papers that people coded with it, and papers in whose
-- words the rules of the coding scheme find it, published up to the last year of the protocol's window and since. The
-- rules read papers of both times alike, coded or not, so that their two counts can be compared; (any) counts the
-- papers in which they find any code of the facet. Excluded papers count nowhere.
WITH listed AS (
  SELECT
    id AS paper_id,
    year > (SELECT cast(value AS INTEGER) FROM protocol WHERE key = 'window_to') AS since
  FROM papers
  WHERE status <> 'excluded' AND year IS NOT NULL
),
broad AS (
  SELECT question_id, id AS code, label, position
  FROM codes
  WHERE question_id IN ('modality', 'method') AND parent IS NULL
),
found AS (
  SELECT DISTINCT listed.paper_id, listed.since, broad.question_id, broad.code, 1 AS by_rule
  FROM listed
  JOIN paper_records ON paper_records.paper_id = listed.paper_id
  JOIN decisions ON decisions.record_id = paper_records.record_id AND decisions.coder = 'rule:coding-scheme'
  JOIN answers ON answers.decision_id = decisions.id
  JOIN broad
    ON broad.question_id = decisions.question_id
    AND (answers.code = broad.code OR substr(answers.code, 1, length(broad.code) + 1) = broad.code || '.')
  UNION ALL
  SELECT listed.paper_id, listed.since, broad.question_id, broad.code, 0
  FROM listed
  JOIN paper_codes ON paper_codes.paper_id = listed.paper_id AND paper_codes.status = 'coded'
  JOIN broad ON broad.question_id = paper_codes.question_id AND broad.code = paper_codes.code
),
counted AS (
  SELECT question_id, code, since, by_rule, count(DISTINCT paper_id) AS papers
  FROM found
  GROUP BY question_id, code, since, by_rule
  UNION ALL
  SELECT question_id, '', since, by_rule, count(DISTINCT paper_id)
  FROM found
  GROUP BY question_id, since, by_rule
)
SELECT
  questions.label AS facet,
  coalesce(broad.label, '(any)') AS code,
  coalesce(sum(papers) FILTER (WHERE NOT by_rule AND NOT since), 0) AS coded_until,
  coalesce(sum(papers) FILTER (WHERE NOT by_rule AND since), 0) AS coded_since,
  coalesce(sum(papers) FILTER (WHERE by_rule AND NOT since), 0) AS named_until,
  coalesce(sum(papers) FILTER (WHERE by_rule AND since), 0) AS named_since
FROM counted
JOIN questions ON questions.id = counted.question_id
LEFT JOIN broad ON broad.question_id = counted.question_id AND broad.code = counted.code
GROUP BY questions.position, questions.label, counted.code
ORDER BY questions.position, counted.code = '', broad.position
