/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_sa.c - from the agreement to the four SAs [33.203 7.1]. */
#include "secagree.h"

#include "base_err.h"

int ims_secagree_derive(const struct ims_secagree *agreed, bool ue,
			const uint8_t ck[static 16],
			const uint8_t ik[static 16], struct ims_ipsec_set *out)
{
	const struct ims_secagree_end *u = &agreed->ue, *p = &agreed->pcscf;
	struct ims_addr uc = {u->ip, u->port_c}, us = {u->ip, u->port_s};
	struct ims_addr pc = {p->ip, p->port_c}, ps = {p->ip, p->port_s};
	struct ims_ipsec_set set = {.ue = ue, .suite = agreed->suite};
	int err = ims_ipsec_expand(agreed->suite, ck, ik, &set.keys);

	if (err)
		return err;
	/* Each SPI is its receiver's, and named after the port it ends at. */
	set.sa[IMS_UC_TO_PS] = (struct ims_ipsec_sa){uc, ps, p->spi_s};
	set.sa[IMS_PS_TO_UC] = (struct ims_ipsec_sa){ps, uc, u->spi_c};
	set.sa[IMS_PC_TO_US] = (struct ims_ipsec_sa){pc, us, u->spi_s};
	set.sa[IMS_US_TO_PC] = (struct ims_ipsec_sa){us, pc, p->spi_c};
	*out = set;
	ims_ipsec_set_wipe(&set);
	return 0;
}
