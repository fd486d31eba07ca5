#delimit ;
label define sex 1 "Male"
                 2 "Female";
label values P12 P13 sex;
label variable P12 "Sex" ;
/* label variable P12 "Not this" ; */
#delimit cr
label variable P11 "Age" // in years
exit
