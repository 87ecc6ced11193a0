/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_ue.c - what imsreg ue can do wrong. */
#include "inject_act.h"

/* clang-format off */
#define HOW(...) &(const struct inject_do){__VA_ARGS__}

const struct ims_inject_row inject_ue_rows[] = {
	{"twice", true, IMS_INJECT_GM_OUT, ON_REGISTER, false,
	 HOW(inject_twice, 100, NULL, NULL),
	 "a REGISTER is sent twice", "RFC3261 17.2.2",
	 "answers both alike, as one transaction",
	 IMS_INJECT_REGISTERS, 10, 0},
};
const size_t inject_n_ue = sizeof inject_ue_rows / sizeof *inject_ue_rows;
