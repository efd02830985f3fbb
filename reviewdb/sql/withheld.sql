-- The decisions of people that wait for a second coder, each with its paper (none: a record that is in no paper).
-- :blind  an array of stages and facets that are answered blind
WITH
  asked AS (
    SELECT questions.id FROM questions JOIN json_each(:blind) AS named ON named.value IN (questions.id, questions.facet)
  ),
  standing AS (
    SELECT paper_id, question_id, coder, decision_id FROM current_decisions
    UNION ALL SELECT paper_id, question_id, coder, decision_id FROM open_again
  ),
  released AS (
    SELECT standing.paper_id, standing.question_id
    FROM standing JOIN decisions ON decisions.id = standing.decision_id
    GROUP BY standing.paper_id, standing.question_id
    HAVING count(DISTINCT standing.coder) > 1 OR max(decisions.settles)
  )
SELECT decisions.id, paper_records.paper_id
FROM decisions
LEFT JOIN paper_records ON paper_records.record_id = decisions.record_id
WHERE decisions.question_id IN (SELECT id FROM asked) AND decisions.coder NOT LIKE 'rule:%'
  AND NOT EXISTS (
    SELECT 1 FROM released
    WHERE released.paper_id = paper_records.paper_id AND released.question_id = decisions.question_id
  )
