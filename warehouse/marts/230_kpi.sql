-- Every KPI: name, formula over sums, unit, which way is good, and words.
SELECT
    k.kpi, -- Name
    k.label, -- Label
    k.formula, -- Formula over sums; sum first, divide then
    k.unit, -- money, count, decimal, percent or multiple
    k.good, -- Which way is good: up, down or neither
    k.words -- What it means
FROM (VALUES {metrics}) AS k (kpi, label, formula, unit, good, words)
