-- The decisions of people that wait for a second coder, each with its paper (none: a record that is in no paper).
-- :blind  an array of stages and facets that are answered blind; :first, :last  a range of ids of records
WITH asked AS (
  SELECT questions.id FROM questions JOIN json_each(:blind) AS named ON named.value IN (questions.id, questions.facet)
)
SELECT decisions.id, paper_records.paper_id
FROM decisions
LEFT JOIN paper_records ON paper_records.record_id = decisions.record_id
WHERE decisions.record_id BETWEEN :first AND :last
  AND decisions.question_id IN (SELECT id FROM asked) AND decisions.coder NOT LIKE 'rule:%'
  AND NOT (
    SELECT count(DISTINCT standing.coder) > 1 OR coalesce(max(said.settles), 0)
    FROM (
      SELECT coder, decision_id
      FROM current_decisions
      WHERE paper_id = paper_records.paper_id AND question_id = decisions.question_id
      UNION ALL
      SELECT coder, decision_id
      FROM open_again
      WHERE paper_id = paper_records.paper_id AND question_id = decisions.question_id
    ) AS standing
    JOIN decisions AS said ON said.id = standing.decision_id
  )
