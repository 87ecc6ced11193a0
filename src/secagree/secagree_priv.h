/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_priv.h - the parts of "usable" that the two sides' choices need one
 * by one, and how a mechanism of ours is made.
 */
#ifndef IMS_SECAGREE_PRIV_H
#define IMS_SECAGREE_PRIV_H

#include "secagree.h"

/* A valid pair that the switches do not forbid, on the list or not. */
bool ims_secagree_permits(const struct ims_secagree_policy *p,
			  struct ims_ipsec_suite s);

/* What it is, by names only: 0, -IMS_E_NO_MECH, or -IMS_E_SEC_PARAM (alg is
 * missing).  *suite may be written on failure.
 */
int ims_secagree_suite(const struct ims_sip_sec *s,
		       struct ims_ipsec_suite *suite, struct ims_flaw *flaw);
/* SPIs and ports: 0 or -IMS_E_SEC_PARAM. */
int ims_secagree_numbers(const struct ims_sip_sec *s, bool low_spi,
			 struct ims_flaw *flaw);

/* A mechanism for this pair, without SPIs, ports and q. */
struct ims_sip_sec ims_secagree_mech(struct ims_ipsec_suite suite);
/* With the SPIs and ports of this party. */
struct ims_sip_sec ims_secagree_mech_end(struct ims_ipsec_suite suite,
					 const struct ims_secagree_end *me);
/* Its SPIs and ports; ip is left alone. */
void ims_secagree_take_end(const struct ims_sip_sec *s,
			   struct ims_secagree_end *out);

/* Says which pairs the list names; returns -IMS_E_NO_MECH. */
int ims_secagree_none(const struct ims_sip_sec *list, size_t n,
		      struct ims_flaw *flaw);

#endif
