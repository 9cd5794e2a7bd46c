/*
 * phone_plans.c
 *		Numbering plans of countries, as lines of text; and the reader of such lines.
 *
 * Plans change, and a house may call countries that are not here: so a plan is
 * data, and phone_normalize() takes the lines of the user instead. Two forms:
 *
 *		CN +86 trunk=0 international=00 carriers=17951,12593
 *		CN mobile 1[38] 11
 *
 * The first says how numbers are dialled, the second is a range: its kind, the
 * digits that numbers begin with (a set in brackets for one place), and how many
 * digits they have without the trunk prefix. Of the ranges that fit the first
 * counts. Sources: the plans that national regulators publish through ITU-T, for
 * the ranges that persons and firms have.
 */
#include "hygiene/phone.h"

#include <string.h>

const char *const dupex_phone_plans[] = {
	"CN +86 trunk=0 international=00 carriers=17951,12593,17909,17911",
	"CN service 400 10",
	"CN service 800 10",
	"CN service 9[56] 5-6",
	"CN mobile 1[38] 11",
	"CN mobile 14[57] 11",
	"CN mobile 1[59][0-35-9] 11",
	"CN mobile 16[25-7] 11",
	"CN mobile 1610 11",
	"CN mobile 17[0-35-8] 11",
	"CN mobile 1740[0-5] 11",
	"CN landline 10[2-8] 10",
	"CN landline 2[0-57-9][2-8] 10",
	"CN landline [3-9][0-9][0-9][2-8] 10-11",
	"HK +852 international=001",
	"HK service 800 9",
	"HK mobile [4-79] 8",
	"HK mobile 84 8",
	"HK landline [23] 8",
	"MO +853 international=00",
	"MO service 0800 7",
	"MO mobile 6 8",
	"MO landline 28 8",
	"MO landline 8 8",
	"TW +886 trunk=0 international=002",
	"TW service 800 9",
	"TW mobile 9 9",
	"TW landline [2-8] 8-9",
	"SG +65 international=001",
	"SG service 1800 11",
	"SG service 800 10",
	"SG mobile [89] 8",
	"SG landline 6 8",
	"JP +81 trunk=0 international=010",
	"JP service 120 9",
	"JP service 800 10",
	"JP service 570 9",
	"JP mobile [789]0 10",
	"JP landline 50 10",
	"JP landline [1-9] 9",
	"KR +82 trunk=0 international=00",
	"KR service 1[568] 8",
	"KR service 80 9-10",
	"KR mobile 10 10",
	"KR mobile 1[16-9] 9-10",
	"KR landline 2 8-9",
	"KR landline [3-6][1-5] 9-10",
	"KR landline 70 10",
	"IN +91 trunk=0 international=00",
	"IN service 1800 10-13",
	"IN mobile [6-9] 10",
	"IN landline [1-8] 10",
	"AU +61 trunk=0 international=0011",
	"AU service 1[38]00 10",
	"AU service 13 6",
	"AU mobile 4 9",
	"AU landline [2378] 9",
	"RU +7 trunk=8 international=810",
	"RU service 80 10",
	"RU mobile 9 10",
	"RU landline [348] 10",
	"GB +44 trunk=0 international=00",
	"GB service 80 9-10",
	"GB service 8[47] 10",
	"GB service [39] 10",
	"GB mobile 7[1-57-9] 10",
	"GB service 7 10",
	"GB landline [12] 9-10",
	"DE +49 trunk=0 international=00",
	"DE service 800 10-13",
	"DE service 900 10-11",
	"DE service 180 7-11",
	"DE mobile 15 10-11",
	"DE mobile 16[023] 10-11",
	"DE mobile 17 10-11",
	"DE landline [2-9] 5-11",
	"FR +33 trunk=0 international=00",
	"FR service 8 9",
	"FR mobile [67] 9",
	"FR landline [1-59] 9",
	"ES +34 international=00",
	"ES service [89]0 9",
	"ES mobile [67] 9",
	"ES landline [89][1-8] 9",
	"IT +39 international=00",
	"IT service 8[0-9] 6-10",
	"IT mobile 3 9-10",
	"IT landline 0[1-9] 6-11",
	"US +1 trunk=1 international=011",
	"US service 800 10",
	"US service 833 10",
	"US service 844 10",
	"US service 855 10",
	"US service 866 10",
	"US service 877 10",
	"US service 888 10",
	"US service 900 10",
	"US fixed_or_mobile [2-9][0-9][0-9][2-9] 10",
	"CA +1 trunk=1 international=011",
	"CA service 800 10",
	"CA service 833 10",
	"CA service 844 10",
	"CA service 855 10",
	"CA service 866 10",
	"CA service 877 10",
	"CA service 888 10",
	"CA service 900 10",
	"CA fixed_or_mobile [2-9][0-9][0-9][2-9] 10"
};

const size_t dupex_phone_plan_count =
sizeof(dupex_phone_plans) / sizeof(dupex_phone_plans[0]);
