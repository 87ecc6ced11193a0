/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_core.c - what imsreg core can do wrong. */
#include "inject_act.h"

/* clang-format off */
#define HOW(...) &(const struct inject_do){__VA_ARGS__}

const struct ims_inject_row inject_core_rows[] = {
	{"silent", false, IMS_INJECT_GM_IN, ON_REGISTER, false,
	 HOW(inject_lose, 0, NULL, NULL),
	 "a REGISTER is not answered", "RFC3261 17.1.2.2, 24.229 5.1.1.2.1",
	 "Timer F, then another P-CSCF or the same after a pause",
	 IMS_INJECT_REGISTERS, 400, IMS_E_SILENCE},
};
const size_t inject_n_core =
	sizeof inject_core_rows / sizeof *inject_core_rows;
