* NOTE: You need to set the Stata working directory

set more off

clear
quietly infix                 ///
  int     year      1-4       ///
  str     name      5-10      ///
  double  perwt     11-20     ///
  byte    sex       21        ///
  using `"usa_00001.dat"'

replace perwt = perwt / 100
replace sex = 2 if sex==0

format perwt %10.2f

label var year `"Census year"'
label var perwt "Person ""weight"
label variable nosuch "x"
label define year_lbl 1850 `"1850"'
label define year_lbl 1860 `"1860 "quoted""', add
label values year year_lbl
label define sexl 1 "Male" ///
   2 "Female" -9 "NS"
label values sex sexl
label values name gone
gen x = 1
