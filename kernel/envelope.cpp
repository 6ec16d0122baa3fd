#include "kernel/envelope.hpp"

#include "kernel/detail/host.hpp"

namespace troupe::kernel {

void Promise::settle(Result<AnyMsg> answer) {
  if (sink_) {
    const auto sink = std::move(sink_);
    sink_ = nullptr;
    (*sink)(std::move(answer));
    return;
  }
  if (!to_) return;
  const ActorRef to = std::move(to_);
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kReply);
  parcel->token = id_.value;
  if (answer) {
    parcel->envelope.message = std::move(*answer);
  } else {
    parcel->error = std::make_unique<Error>(std::move(answer).error());
  }
  to.host()->deliver(std::move(parcel));
}

void Promise::abandon() {
  if (*this) fail(Error(ErrorCode::kUnavailable, "the actor ended, or dropped the request, before it answered"));
}

}  // namespace troupe::kernel
