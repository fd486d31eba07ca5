DATA LIST FILE= "data.csv"  free (",")
ENCODING="Locale"
/ excerpt (F8.0) rmse * systems (F8.0)
  .
VALUE LABELS
/
excerpt
1 "e1"
 2 "e2"
/
systems
1 "Each Beat"
 .
VARIABLE LEVEL rmse
 (scale).
