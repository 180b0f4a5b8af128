#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include "shim.hpp"

ctorch_status ctorch_normal(uint64_t seed, const int64_t *shape, int32_t rank, ctorch_tensor **result,
                            char **message) {
  return guarded_tensor(result, message, [&] {
    return at::randn(at::IntArrayRef(shape, rank), at::detail::createCPUGenerator(seed),
                     at::TensorOptions().dtype(at::kFloat));
  });
}

ctorch_status ctorch_uniform(uint64_t seed, const int64_t *shape, int32_t rank, ctorch_tensor **result,
                             char **message) {
  return guarded_tensor(result, message, [&] {
    return at::rand(at::IntArrayRef(shape, rank), at::detail::createCPUGenerator(seed),
                    at::TensorOptions().dtype(at::kFloat));
  });
}

ctorch_status ctorch_orthogonal(uint64_t seed, int64_t rows, int64_t columns, ctorch_tensor **result,
                                char **message) {
  return guarded_tensor(result, message, [&] {
    TORCH_CHECK(rows >= columns, "only ", rows, " rows for ", columns, " orthogonal columns");
    const at::Tensor normal =
        at::randn({rows, columns}, at::detail::createCPUGenerator(seed), at::TensorOptions().dtype(at::kFloat));
    at::Tensor q, r;
    std::tie(q, r) = at::linalg_qr(normal);
    // Signs from R's diagonal make Q uniformly distributed (Mezzadri, arXiv math-ph/0609050, section 5).
    return q * at::sign(at::diagonal(r));
  });
}

ctorch_status ctorch_seed_default_generators(uint64_t seed, char **message) {
  return guarded(message, [&] { at::manual_seed(seed); });
}
