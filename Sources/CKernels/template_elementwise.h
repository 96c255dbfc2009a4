/* Elementwise kernels and norms. A value's result does not depend on where in the vector, or in the tail, it lies. */

static void widen(const void *source, umk_dtype dtype, size_t count, float *destination) {
  const char *p = source;
  size_t i = 0, size = dtype == UMK_F32 ? 4 : 2;
#define WIDEN(TYPE)                                                                           \
  for (; i + LANES <= count; i += LANES) vstore(destination + i, vwiden(p + i * size, TYPE)); \
  if (i < count) vstore_first(destination + i, count - i, vwiden_first(p + i * size, TYPE, count - i));
  if (dtype == UMK_BF16) {
    WIDEN(UMK_BF16)
  } else if (dtype == UMK_F16) {
    WIDEN(UMK_F16)
  } else {
    WIDEN(UMK_F32)
  }
#undef WIDEN
}

static void silu_multiply(const float *gate, const float *up, size_t n, float *out) {
  for (size_t i = 0; i < n; i += LANES) store(out + i, n - i, vmul(vsilu(load(gate + i, n - i)), load(up + i, n - i)));
}

static void accumulate(const float *x, float scale, size_t n, float *y) {
  for (size_t i = 0; i < n; i += LANES) store(y + i, n - i, vfma(vset(scale), load(x + i, n - i), load(y + i, n - i)));
}

static void hyperbolic_tangent(const float *x, size_t n, float *y) {
  for (size_t i = 0; i < n; i += LANES) store(y + i, n - i, vtanh(load(x + i, n - i)));
}

static void rms_norm(const float *x, const float *weight, size_t n, float epsilon, float *y) {
  vfloat squares = vzero();
  for (size_t i = 0; i < n; i += LANES) {
    vfloat v = load(x + i, n - i);
    squares = vfma(v, v, squares);
  }
  vfloat scale = vset(1.0f / sqrtf(vsum(squares) / (float)n + epsilon));
  for (size_t i = 0; i < n; i += LANES)
    store(y + i, n - i, vmul(load(weight + i, n - i), vmul(load(x + i, n - i), scale)));
}

static void rotate(float *x, size_t heads, size_t half, const float *cosine, const float *sine) {
  for (size_t h = 0; h < heads; h++, x += 2 * half)
    for (size_t j = 0; j < half; j += LANES) {
      size_t left = half - j;
      vfloat first = load(x + j, left), second = load(x + half + j, left);
      vfloat c = load(cosine + j, left), s = load(sine + j, left);
      store(x + j, left, vfnma(second, s, vmul(first, c)));
      store(x + half + j, left, vfma(first, s, vmul(second, c)));
    }
}

/* Replaces the lanes whose argument is too large for vsine_squared (or not finite) by the C library's sine. */
static NOINLINE vfloat exact_sine_squared(vfloat argument, vfloat fast, unsigned good) {
  float arguments[LANES], results[LANES];
  vstore(arguments, argument);
  vstore(results, fast);
  for (unsigned lane = 0; lane < LANES; lane++)
    if (!(good >> lane & 1)) {
      float sine = sinf(arguments[lane]);
      results[lane] = sine * sine;
    }
  return vload(results);
}

static void snake(const float *x, const float *alpha, const float *inverse, size_t count, size_t channels, float *y) {
  vfloat limit = vset(SINE_LIMIT);
  for (size_t t = 0; t < count; t++, x += channels, y += channels)
    for (size_t c = 0; c < channels; c += LANES) {
      size_t left = channels - c;
      vfloat v = load(x + c, left), argument = vmul(load(alpha + c, left), v);
      vfloat square = vsine_squared(argument);
      unsigned good = vbits(vless(vabs(argument), limit));
      if (__builtin_expect(good != (1u << LANES) - 1, 0)) square = exact_sine_squared(argument, square, good);
      store(y + c, left, vfma(square, load(inverse + c, left), v));
    }
}
