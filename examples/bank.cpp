// A bank whose transfers are tested by inputs and calls that nobody wrote down.
//
// The first bank looks whether the balance is enough, and takes the money later: two withdrawals may both find it. The
// property generates amounts; the other test generates calls, makes them at the same time, and asks whether some order
// of them explains what they returned. Both shrink what they find to the fewest amounts, or calls. The fix is to look
// and take under one lock.
#include <heddle/rapidcheck.hpp>

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace {

class careless_bank {
 public:
  void deposit(int account, int amount) {
    const std::lock_guard held(mutex_);
    balances_[account] += amount;
  }
  bool withdraw(int account, int amount) {
    if (balance(account) < amount) return false;
    const std::lock_guard held(mutex_);
    balances_[account] -= amount;
    return true;
  }
  int balance(int account) {
    const std::lock_guard held(mutex_);
    return balances_[account];
  }

 private:
  std::mutex mutex_;
  std::map<int, int> balances_;
};

class careful_bank {
 public:
  void deposit(int account, int amount) {
    const std::lock_guard held(mutex_);
    balances_[account] += amount;
  }
  bool withdraw(int account, int amount) {
    const std::lock_guard held(mutex_);
    if (balances_[account] < amount) return false;
    balances_[account] -= amount;
    return true;
  }
  int balance(int account) {
    const std::lock_guard held(mutex_);
    return balances_[account];
  }

 private:
  std::mutex mutex_;
  std::map<int, int> balances_;
};

using amounts = std::vector<unsigned char>;

template <typename Bank>
void withdraw_at_the_same_time(int deposited, const amounts& left, const amounts& right) {
  Bank bank;
  bank.deposit(0, deposited);
  std::thread other([&] {
    for (const int amount : right) bank.withdraw(0, amount);
  });
  for (const int amount : left) bank.withdraw(0, amount);
  other.join();
  RC_ASSERT(bank.balance(0) >= 0);
}

HEDDLE_PROPERTY(NeverOverdrawn, Broken, (unsigned char deposited, const amounts& left, const amounts& right)) {
  withdraw_at_the_same_time<careless_bank>(deposited, left, right);
}

HEDDLE_PROPERTY(NeverOverdrawn, Fixed, (unsigned char deposited, const amounts& left, const amounts& right)) {
  withdraw_at_the_same_time<careful_bank>(deposited, left, right);
}

// One account as a sequential program would have it, and the calls that a bank offers.
template <typename Bank>
struct bank_machine {
  using model = int;
  using system = Bank;

  struct deposit {
    int account;
    int amount;
    void apply(model& balance) const { balance += amount; }
    void run(system& bank) const { bank.deposit(account, amount); }
    std::string text() const { return "deposit " + std::to_string(amount) + " in " + std::to_string(account); }
    static rc::Gen<deposit> generate() {
      return rc::gen::construct<deposit>(rc::gen::inRange(0, 2), rc::gen::inRange(1, 10));
    }
  };
  struct withdraw {
    int account;
    int amount;
    bool apply(model& balance) const {
      if (balance < amount) return false;
      balance -= amount;
      return true;
    }
    bool run(system& bank) const { return bank.withdraw(account, amount); }
    std::string text() const { return "withdraw " + std::to_string(amount) + " from " + std::to_string(account); }
    static rc::Gen<withdraw> generate() {
      return rc::gen::construct<withdraw>(rc::gen::inRange(0, 2), rc::gen::inRange(1, 10));
    }
  };
  using commands = std::variant<deposit, withdraw>;

  // Accounts have nothing to do with each other.
  static int key(const commands& what) {
    return std::visit([](const auto& one) { return one.account; }, what);
  }
};

HEDDLE_LINEARIZABLE(LinearizableBank, Broken, bank_machine<careless_bank>);
HEDDLE_LINEARIZABLE(LinearizableBank, Fixed, bank_machine<careful_bank>);

}  // namespace
