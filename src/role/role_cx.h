/* SPDX-License-Identifier: BSD-2-Clause */
/* role_cx.h - the Cx border between S-CSCF and HSS, as values.
 *
 * The S-CSCF queues a request as an act and later hears the answer as an
 * event, whoever gives it: our HSS in the same process, or somebody else's.
 *
 * Spec: TS 29.228 6.1 (names UAR, MAR, SAR), spec.md 17.2.
 */
#ifndef IMS_ROLE_CX_H
#define IMS_ROLE_CX_H

#include "aka.h"

#define IMS_ID_MAX 256 /* an IMPI or IMPU as a C string */
#define IMS_IMPU_MAX 8 /* public identities of one user, of all his sets */

enum ims_cx_kind {
	IMS_CX_MAR, /* a vector, after resynchronisation if auts is there */
	IMS_CX_SAR, /* the user is now registered, or no more */
};
enum ims_cx_assign { IMS_CX_REGISTERED, IMS_CX_DEREGISTERED, IMS_CX_TIMEOUT };

struct ims_cx_req {
	enum ims_cx_kind kind;
	uint32_t ref; /* comes back in the answer */
	char impi[IMS_ID_MAX], impu[IMS_ID_MAX];
	bool resync; /* MAR: rand and auts of the refused challenge */
	uint8_t rand[16], auts[14];
	enum ims_cx_assign assign; /* SAR */
};

struct ims_cx_impu {
	char uri[IMS_ID_MAX];
	bool barred;
	uint8_t set; /* which of his implicit sets it is in; the first: 0 */
};

struct ims_cx_ans {
	uint32_t ref;
	/* 0, -IMS_E_UNKNOWN_USER, -IMS_E_NOT_MINE (IMPI and IMPU do not belong
	 * together), -IMS_E_REFUSED (barred), -IMS_E_AKA_AUTS, -IMS_E_STORE.
	 */
	int err;
	struct ims_aka_vector vector; /* MAR; secret */
	/* Both: the implicit set that impu belongs to, default first. */
	struct ims_cx_impu impu[IMS_IMPU_MAX];
	size_t n_impus;
};

#endif
