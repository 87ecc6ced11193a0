/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_restore.h - application/3gpp-ims+xml: does the network want a registration
 * from the beginning [24.229 7.6, 5.1.2A.1.6]?
 */
#ifndef IMS_REG_RESTORE_H
#define IMS_REG_RESTORE_H

#include "base_str.h"

#define IMS_RESTORE_MAX 16384

/* True: the document is well-formed, at most IMS_RESTORE_MAX bytes, has no DTD,
 * and its alternative-service is of type "restoration" with the action
 * "initial-registration".  Anything else, and no memory: false.
 */
bool ims_reg_restore(struct ims_str xml);

#endif
