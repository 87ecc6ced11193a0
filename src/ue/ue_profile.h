/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_profile.h - be this phone: conf.form and its kin by the maker's name.
 *
 * What real phones and test clients were seen to send, as one table: each value
 * comes from a message in a public log, from published settings or source, or
 * from the clause.  What is not known of a maker is our own way.  A profile
 * says nothing about the user: identities, IMEI and addresses stay as they are.
 */
#ifndef IMS_UE_PROFILE_H
#define IMS_UE_PROFILE_H

#include "ue.h"

/* Sets all that makes up this phone, and only that: what it offers, its ports,
 * SPIs, header forms, transports, expiry, fall-back, and the names of its
 * features.  -IMS_E_NOTFOUND: no such name; *c is as it was.
 */
int ims_ue_profile(struct ims_ue_conf *c, struct ims_str name);
/* The table: 0, 1, ... until NULL. */
const char *ims_ue_profile_name(size_t i);
const char *ims_ue_profile_about(size_t i); /* one line: who, seen where */

#endif
