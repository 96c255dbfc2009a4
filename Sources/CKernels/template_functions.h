/* exp, sin squared and tanh of a vector, to 1 or 2 units in the last place. NaN gives NaN. */

/* exp(x): reduced by a two-part ln 2, polynomial of Cephes' expf. */
static INLINE vfloat vexp(vfloat x) {
  x = vmax(vset(-110.0f), vmin(vset(90.0f), x)); /* beyond, the result is zero or infinite anyway */
  vfloat n = vround(vmul(x, vset(1.44269504088896341f)));
  vfloat r = vfnma(n, vset(-2.12194440e-4f), vfnma(n, vset(0.693359375f), x));
  vfloat p = vset(1.9875691500e-4f);
  p = vfma(p, r, vset(1.3981999507e-3f));
  p = vfma(p, r, vset(8.3334519073e-3f));
  p = vfma(p, r, vset(4.1665795894e-2f));
  p = vfma(p, r, vset(1.6666665459e-1f));
  p = vfma(p, r, vset(5.0000001201e-1f));
  return vscale(vadd(vfma(p, vmul(r, r), r), vset(1.0f)), n);
}

static INLINE vfloat vsilu(vfloat a) { return vdiv(a, vadd(vset(1.0f), vexp(vsub(vzero(), a)))); }

/* tanh(x): polynomial of Cephes' tanhf near zero, else by exp(2|x|). */
static INLINE vfloat vtanh(vfloat x) {
  vfloat size = vabs(x), z = vmul(x, x);
  vfloat p = vset(-5.70498872745e-3f);
  p = vfma(p, z, vset(2.06390887954e-2f));
  p = vfma(p, z, vset(-5.37397155531e-2f));
  p = vfma(p, z, vset(1.33314422036e-1f));
  p = vfma(p, z, vset(-3.33332819422e-1f));
  vfloat near = vfma(vmul(p, z), x, x);
  vfloat far = vsub(vset(1.0f), vdiv(vset(2.0f), vadd(vexp(vadd(size, size)), vset(1.0f))));
  return vselect(vless(size, vset(0.625f)), near, vcopysign(far, x));
}

/* The largest |x| that vsine_squared takes: up to here the reduced argument is exact but for one rounding. */
#define SINE_LIMIT 10000.0f

/* sin(x)^2 for |x| <= SINE_LIMIT: reduced by multiples of pi, whose sign the square forgets, then a minimax polynomial
 * on -pi/2...pi/2. */
static INLINE vfloat vsine_squared(vfloat x) {
  vfloat n = vround(vmul(x, vset(0.318309886183790672f)));
  vfloat r = vfnma(n, vset(-8.742278012618954e-8f), vfnma(n, vset(3.14159274101257324f), x));
  vfloat z = vmul(r, r);
  vfloat p = vset(2.5992021619458683e-6f);
  p = vfma(p, z, vset(-1.9806167983915657e-4f));
  p = vfma(p, z, vset(8.333009667694569e-3f));
  p = vfma(p, z, vset(-1.6666656732559204e-1f));
  vfloat sine = vfma(vmul(p, z), r, r);
  return vmul(sine, sine);
}
