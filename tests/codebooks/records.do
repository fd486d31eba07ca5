set more off

clear
quietly infix                       ///
  str     rectype          1-1      ///
  long    serial           2-6      ///
  byte    gq               7        ///
  using `"census.dat"'
gen  _line_num = _n
drop if rectype != `"H"'
sort _line_num
save __temp_ipums_hier_H.dta

clear
quietly infix                       ///
  str     rectype          1-1      ///
  long    serial           2-6      ///
  int     age              7-9      ///
  using `"census.dat"'
gen  _line_num = _n
drop if rectype != `"P"'
save __temp_ipums_hier_P.dta

clear
append using __temp_ipums_hier_P.dta
erase __temp_ipums_hier_H.dta
label var serial `"Household serial number"'
label define gq_lbl 1 `"Household"'
label values gq gq_lbl
