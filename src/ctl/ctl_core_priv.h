/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_core_priv.h - what the files of a core's answers share. */
#ifndef IMS_CTL_CORE_PRIV_H
#define IMS_CTL_CORE_PRIV_H

#include "ctl_core.h"

/* Items in one answer. */
#define IMS_CTL_PAGE 100

int ims_ctl_core_bindings(void *arg, const struct ims_ctl_req *req,
			  json_t *answer, struct ims_flaw *why);
int ims_ctl_core_sas(void *arg, const struct ims_ctl_req *req, json_t *answer,
		     struct ims_flaw *why);

#endif
