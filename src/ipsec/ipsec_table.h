/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_table.h - which installed set covers a flow: what lets io vouch for
 * ims_flow.set.  Holds addresses, ports and SPIs, never keys.
 */
#ifndef IMS_IPSEC_TABLE_H
#define IMS_IPSEC_TABLE_H

#include "base_map.h"
#include "ipsec_sa.h"

struct ims_ipsec_table {
	struct ims_map by_id, by_flow;
};
int ims_ipsec_table_init(struct ims_ipsec_table *t);
void ims_ipsec_table_free(struct ims_ipsec_table *t);
/* -IMS_E_EXISTS, -IMS_E_NOMEM. */
int ims_ipsec_table_add(struct ims_ipsec_table *t,
			const struct ims_ipsec_set *set);
void ims_ipsec_table_del(struct ims_ipsec_table *t, uint32_t id);
/* The set (its keys zeroed), or NULL. */
const struct ims_ipsec_set *ims_ipsec_table_find(
	const struct ims_ipsec_table *t, uint32_t id);
/* Some set, or NULL when it is empty: to work off what is left. */
const struct ims_ipsec_set *ims_ipsec_table_any(
	const struct ims_ipsec_table *t);
/* One after the other, in no order: starts with NULL.  One may be removed only
 * after the next was fetched.
 */
const struct ims_ipsec_set *ims_ipsec_table_next(
	const struct ims_ipsec_table *t, const struct ims_ipsec_set *set);
/* By local and remote address and port; 0: none. */
uint32_t ims_ipsec_table_flow(const struct ims_ipsec_table *t,
			      struct ims_addr local, struct ims_addr remote);

#endif
