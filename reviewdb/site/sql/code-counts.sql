-- On how many papers each code stands, and how: coded, contested or merely suggested. Codes that others imply count too.
SELECT question_id, code, status, count(*) AS papers
FROM paper_codes
GROUP BY question_id, code, status
