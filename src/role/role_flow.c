/* SPDX-License-Identifier: BSD-2-Clause */
/* role_flow.c - on which flow a side speaks inside a set. */
#include "role.h"

struct ims_flow ims_role_flow(const struct ims_ipsec_set *set,
			      enum ims_transport transport)
{
	const struct ims_ipsec_sa *sa =
		&set->sa[set->ue ? IMS_UC_TO_PS : IMS_PC_TO_US];

	return (struct ims_flow){.local = sa->src,
				 .remote = sa->dst,
				 .transport = transport,
				 .side = IMS_GM,
				 .set = set->id};
}
