-- title: Open again
-- for: coders
-- description: Answers whose code was split into several and that do not say which, one row for each. They count nowhere until
-- their coder answers again, or somebody settles it.
SELECT papers.key AS paper, open_again.question_id AS question, open_again.coder, made.said, made.why, papers.title
FROM open_again
JOIN decisions AS made ON made.id = open_again.decision_id
JOIN papers ON papers.id = open_again.paper_id
JOIN questions ON questions.id = open_again.question_id
ORDER BY papers.id, questions.position, open_again.coder
