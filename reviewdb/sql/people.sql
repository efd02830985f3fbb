-- Everybody who has decided anything.
SELECT DISTINCT coder FROM decisions WHERE coder NOT LIKE 'rule:%' ORDER BY coder
