-- Papers and the questions about them on which coders disagree.
SELECT DISTINCT paper_id, question_id FROM current_decisions WHERE contested
