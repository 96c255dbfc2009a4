/* The AVX-512 path: the kernel templates over its vectors. */
#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "kernel_table.h"
#include "template.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), \
                             apply_to = function)

#include "vector_avx512.h"

#define TILE 4          /* activation rows at once in small-batch products */
#define PANELS 2        /* packed panels at once */
#define TIMES 12        /* time rows at once in packed products */
#define BLEND_QUERIES 3 /* query rows that meet BLEND_VECTORS vectors of values at once */
#define BLEND_VECTORS 8
#include "template_functions.h"
#include "template_rows.h"
#include "template_elementwise.h"
#include "template_linear.h"
#include "template_packed.h"
#include "template_attend.h"

/* Blocked products on floats: the bits of template_linear.h. */
#define CLASSES LANES
#define WORD_COLUMNS 1
#define load_weights vwiden
#define load_weights_first vwiden_first
#define load_row vload
#define load_row_first vload_first
#define multiply_add vfma
#include "template_panel.h"
#include "template_sums.h"
#include "template_blocked.h"
#include "template_table.h"

#pragma clang attribute pop

const struct umk_kernels umk_avx512_kernels = KERNELS;
const struct umk_blocked_kernels umk_avx512_blocked_kernels = BLOCKED_KERNELS;

#endif
