/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree.h - the security agreement of RFC 3329, for ipsec-3gpp.
 *
 * Decisions only, no I/O and no state: what to offer, which answer to take,
 * whether the peer repeats what we sent, and which four SAs follow.  sip_sec.h
 * has the syntax of the headers, ipsec_sa.h the model of an SA; this is what
 * lies between.  A whole agreement:
 *
 *	UE      offer()  -> Security-Client in REGISTER 1
 *	P-CSCF  pick()   <- Security-Client; answer() -> Security-Server in 401
 *	UE      choose() <- Security-Server
 *	both    derive() -> the SA set, from CK and IK; a back-end installs it
 *	UE      Security-Verify in REGISTER 2 is the 401's list, unchanged
 *	P-CSCF  verify() <- Security-Verify; same_client() <- Security-Client
 *
 * Spec: RFC 3329 2.2-2.6; TS 33.203 7.1, 7.2, Annex H, I; TS 24.229 5.1.1,
 * 5.2.2.
 */
#ifndef IMS_SECAGREE_H
#define IMS_SECAGREE_H

#include "crypto.h"
#include "ipsec_sa.h"
#include "sip_sec.h"

/* One party's protected ports and the SPIs it chose for what it receives. */
struct ims_secagree_end {
	struct ims_ip ip;
	uint16_t port_c, port_s;
	uint32_t spi_c, spi_s;
};

/* What both sides now know. */
struct ims_secagree {
	struct ims_secagree_end ue, pcscf;
	struct ims_ipsec_suite suite;
};

/* Own list of pairs, best first, and what is forbidden. */
struct ims_secagree_policy {
	struct ims_ipsec_suite suites[IMS_N_SUITES];
	size_t n_suites;
	bool allow_deprecated;   /* hmac-md5-96, des-ede3-cbc */
	bool require_encryption; /* ealg null (also aes-gmac) is refused */
};
/* All valid pairs in order of preference, deprecated ones not allowed. */
struct ims_secagree_policy ims_secagree_policy_default(void);
bool ims_secagree_allows(const struct ims_secagree_policy *p,
			 struct ims_ipsec_suite s);

/* The UE's list: one mechanism per allowed pair with these SPIs and ports, in
 * policy order, no q [RFC 3329 2.3.1].  Returns how many: at most max.
 */
size_t ims_secagree_offer(const struct ims_secagree_policy *p,
			  const struct ims_secagree_end *me,
			  struct ims_sip_sec *list, size_t max);

/* Is this mechanism one we could use: ipsec-3gpp, esp, trans, a whole known
 * name for alg and ealg, a valid pair, SPIs and ports there and sane (SPI >=
 * 256 unless low_spi, spi_c != spi_s, port_c != port_s, ports not 0, 5060, 5061)?
 * Returns 0 and *suite, or -IMS_E_NO_MECH (skip it), -IMS_E_SEC_PARAM (a
 * parameter is missing or not allowed; flaw names it).
 */
int ims_secagree_usable(const struct ims_sip_sec *s, bool low_spi,
			struct ims_ipsec_suite *suite, struct ims_flaw *flaw);

/* P-CSCF: the first pair of the own list that the UE offers; unknown names are
 * skipped.  *ue gets the ports and SPIs of that mechanism (ip is left alone).
 * Returns 0, -IMS_E_NO_MECH (flaw lists the pairs offered), or -IMS_E_SEC_PARAM
 * if only broken ones would fit.
 */
int ims_secagree_pick(const struct ims_secagree_policy *p,
		      const struct ims_sip_sec *list, size_t n,
		      struct ims_ipsec_suite *suite,
		      struct ims_secagree_end *ue, struct ims_flaw *flaw);

/* UE: of the pairs that it offered, the one with the highest q in the
 * Security-Server; the first of equals; without q the first (one without q
 * yields to one with).  SPIs below 256 are taken: real P-CSCFs send them.
 * *pcscf gets SPIs and ports; ip is left alone.
 * Returns 0, -IMS_E_NO_MECH, -IMS_E_NO_SERVER (the list has no mechanism with
 * all its parameters, or those of the best common one are missing or not
 * allowed: then no lesser one is taken instead [RFC 3329 2.3.1]).
 */
int ims_secagree_choose(const struct ims_secagree_policy *p,
			const struct ims_sip_sec *list, size_t n,
			struct ims_ipsec_suite *suite,
			struct ims_secagree_end *pcscf, struct ims_flaw *flaw);

/* P-CSCF: the one mechanism of Security-Server for a chosen pair, with q=0.1.
 */
struct ims_sip_sec ims_secagree_answer(struct ims_ipsec_suite suite,
				       const struct ims_secagree_end *me);
/* P-CSCF: the static list for a 421 or 494: each allowed pair, falling q, no
 * SPIs or ports [RFC 3329 2.3.1].
 */
size_t ims_secagree_static_list(const struct ims_secagree_policy *p,
				struct ims_sip_sec *list, size_t max);

/* The same mechanisms with the same parameters in the same order [RFC 3329
 * 2.3.1].  Returns 0, or -IMS_E_VERIFY (a bidding-down attack, or a broken
 * peer); flaw names the first difference.  What counts as the same is
 * ims_sip_sec_same's to say.
 */
int ims_secagree_verify(const struct ims_sip_sec *sent, size_t n_sent,
			const struct ims_sip_sec *got, size_t n_got,
			struct ims_flaw *flaw);
/* Same for Security-Client of REGISTER 1 and 2 [33.203 7.2]:
 * -IMS_E_CLIENT_CHANGED.
 */
int ims_secagree_same_client(const struct ims_sip_sec *first, size_t n_first,
			     const struct ims_sip_sec *second, size_t n_second,
			     struct ims_flaw *flaw);

/* Makes the two pairs of SAs, with ESP keys expanded from CK and IK.  *out
 * holds keys: the caller wipes it.  out->id and life_s are left 0.  `ue`: we
 * are the UE.  Returns 0 or -IMS_E_ALGO.
 */
int ims_secagree_derive(const struct ims_secagree *agreed, bool ue,
			const uint8_t ck[static 16],
			const uint8_t ik[static 16], struct ims_ipsec_set *out);

#endif
