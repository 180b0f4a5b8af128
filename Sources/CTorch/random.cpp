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

namespace {

// Of the batch that dropout draws for, as long as a thread's steps last.
thread_local struct { int64_t first = 0, total = 0; } dropout_samples;

}  // namespace

ctorch_status ctorch_seed_dropout(uint64_t seed, int64_t first, int64_t total, char **message) {
  return guarded(message, [&] {
    at::manual_seed(seed);
    dropout_samples = {first, total};
  });
}

ctorch_status ctorch_normal_like(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::randn_like(plain(x)); });
}

ctorch_status ctorch_dropout(const ctorch_tensor *x, double probability, ctorch_tensor **result,
                             char **message) {
  return guarded_tensor(result, message, [&] {
    const at::Tensor &values = borrowed(x).values;
    const auto [first, total] = dropout_samples;
    if (total == values.size(0) || total < first + values.size(0)) {
      return ctorch_tensor(at::dropout(values, probability, /*train=*/true), borrowed(x).is_blocked);
    }
    // What at::dropout would draw for the whole batch.
    auto shape = values.sizes().vec();
    shape[0] = total;
    const at::Tensor mask = at::empty(shape, values.options()).bernoulli_(1 - probability);
    const at::Tensor own = mask.narrow(0, first, values.size(0));
    return ctorch_tensor(values * own.div_(1 - probability), borrowed(x).is_blocked);
  });
}
