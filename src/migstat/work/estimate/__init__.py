"""Estimates of a sample and their precision: by linearisation over sampling units, or by replicate weights.

The formulas are those of Wolter, Introduction to Variance Estimation (2nd ed. 2007); Särndal, Swensson and Wretman,
Model Assisted Survey Sampling (1992); Lumley, Complex Surveys (2010); and, for successive differences, Fay and Train
(1995) and the U.S. Census Bureau's accuracy documents of the American Community Survey.
"""
