//! Timers that send a signal or make a descriptor readable: their deadlines are kept here, and the
//! tracer does at each deadline what the kernel would have done.

use super::clock::{Clock, Moment, SECOND, TELL_TIME};
use super::descriptors;
use super::memory;
use super::stop::Call;
use crate::run::Failure;
use nix::errno::Errno;
use nix::libc::{self, c_int, c_long};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;
use procfs::process::Process;
use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_gettime, timerfd_settime};
use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// When something expires, and how often after that.
#[derive(Clone, Copy, Debug, Default)]
struct Schedule {
    next: Option<Moment>,
    /// Nanoseconds; 0 for once only.
    interval: i64,
}

impl Schedule {
    /// Reads the four words that set a timer: two for the interval, two for the time. `unit` is 1
    /// for nanoseconds, 1000 for microseconds.
    fn read(
        call: &Call,
        address: u64,
        unit: i64,
        moment: impl Fn(i64) -> Moment,
    ) -> Result<Self, Errno> {
        let words: [i64; 4] = memory::read_words(call.thread, address)?;
        let is_valid = |pair: &[i64]| pair[0] >= 0 && (0..SECOND / unit).contains(&pair[1]);
        if !words.chunks(2).all(is_valid) {
            return Err(Errno::EINVAL);
        }
        let time = |pair: &[i64]| pair[0].saturating_mul(SECOND).saturating_add(pair[1] * unit);
        let (interval, value) = (time(&words[..2]), time(&words[2..]));
        Ok(Self { next: (value != 0).then(|| moment(value)), interval })
    }

    /// Writes the interval and the time that is left.
    fn write(&self, call: &Call, address: u64, unit: i64, now: Moment) -> Result<(), Errno> {
        if address == 0 {
            return Ok(());
        }
        // A timer that is due still shows some time: zero would mean that it is not set.
        let left = self.next.map_or(0, |next| (next - now).max(unit));
        let words = [self.interval, left].map(|time| [time / SECOND, time % SECOND / unit]);
        memory::write_words(call.thread, address, &words.concat())
    }

    /// It has expired.
    fn advance(&mut self) {
        self.next =
            self.next.filter(|_| self.interval > 0).map(|next| next.saturating_add(self.interval));
    }
}

/// The timers of a process that send it signals.
#[derive(Debug, Default)]
pub struct Timers {
    /// That of `setitimer` and `alarm`.
    alarm: Schedule,
    /// Those of `timer_create`, by their ids.
    created: BTreeMap<i32, Created>,
}

#[derive(Clone, Copy, Debug)]
struct Created {
    clock: i32,
    schedule: Schedule,
    notice: Notice,
}

/// The signal that a timer sends.
#[derive(Clone, Copy, Debug)]
struct Notice {
    /// 0 for none.
    signal: c_int,
    value: u64,
    /// Only this thread gets it.
    thread: Option<Pid>,
    /// The id of the timer; none for the alarm.
    timer: Option<i32>,
}

impl Timers {
    /// The process runs a new program, which has no timers but the alarm.
    pub fn new_program(&mut self) {
        self.created.clear();
    }

    /// When the next of them expires.
    pub fn next(&self) -> Option<Moment> {
        let created = self.created.values().filter_map(|timer| timer.schedule.next);
        created.chain(self.alarm.next).min()
    }

    /// Sends the signals of those that are due now.
    ///
    /// # Errors
    ///
    /// `NotBelieved` if a timer's last signal is still pending: the kernel would count an overrun.
    pub fn expire(&mut self, process: Pid, now: Moment) -> Result<(), Failure> {
        let alarm = Notice { signal: libc::SIGALRM, value: 0, thread: None, timer: None };
        let created = self.created.values_mut().map(|timer| (&mut timer.schedule, timer.notice));
        for (schedule, notice) in created.chain([(&mut self.alarm, alarm)]) {
            if schedule.next.is_some_and(|next| next <= now) {
                schedule.advance();
                if notice.timer.is_some() && notice.is_pending(process) {
                    let why = "a timer expired again before its signal was delivered";
                    return Err(Failure::NotBelieved(why.into()));
                }
                notice.send(process)?;
            }
        }
        Ok(())
    }

    /// Answers a call if it is about the timers of its process. `Ok(false)` if it is not, or if the
    /// kernel has to carry it out.
    pub fn answer(&mut self, call: &Call, clock: &Clock) -> Result<bool, Errno> {
        let now = clock.now();
        let arguments = call.arguments();
        let result = match call.number() {
            libc::SYS_alarm => {
                let before = self.alarm.next.map_or(0, |next| (next - now).max(1));
                let seconds = i64::from(arguments[0] as u32);
                let next = (seconds > 0).then(|| now + seconds * SECOND);
                self.alarm = Schedule { next, interval: 0 };
                // To the nearest second, but never to zero.
                let rounded = (before + SECOND / 2) / SECOND;
                Ok(if before > 0 { rounded.max(1) } else { 0 })
            }
            libc::SYS_getitimer => self.alarm.write(call, arguments[1], 1000, now).map(|()| 0),
            libc::SYS_setitimer => {
                let new = match arguments[1] {
                    0 => Ok(Schedule::default()),
                    address => Schedule::read(call, address, 1000, |time| now.saturating_add(time)),
                };
                new.and_then(|new| {
                    self.alarm.write(call, arguments[2], 1000, now)?;
                    self.alarm = new;
                    Ok(0)
                })
            }
            number => match self.created.get_mut(&(arguments[0] as i32)) {
                Some(timer) => match number {
                    libc::SYS_timer_settime => timer.set(call, clock),
                    libc::SYS_timer_gettime => {
                        timer.schedule.write(call, arguments[1], 1, now).map(|()| 0)
                    }
                    libc::SYS_timer_getoverrun => Ok(0),
                    libc::SYS_timer_delete => {
                        // The kernel has one, too, which was never set.
                        self.created.remove(&(arguments[0] as i32));
                        return Ok(false);
                    }
                    _ => return Ok(false),
                },
                None => return Ok(false),
            },
        };
        call.answer(result).map(|()| true)
    }

    /// The kernel has carried out `timer_create`.
    pub fn created(&mut self, call: &Call) -> Result<(), Errno> {
        let [clock, event, id, ..] = call.arguments();
        // A timer that counts CPU time stays the kernel's.
        if call.result() != 0 || !TELL_TIME.contains(&(clock as i32)) {
            return Ok(());
        }
        let timer = i32::from_ne_bytes(memory::read(call.thread, id)?);
        let notice = match event {
            0 => Notice {
                signal: libc::SIGALRM,
                value: timer as u64,
                thread: None,
                timer: Some(timer),
            },
            _ => {
                let number = |offset| -> Result<i32, Errno> {
                    Ok(i32::from_ne_bytes(memory::read(call.thread, event + offset)?))
                };
                let value = u64::from_ne_bytes(memory::read(call.thread, event)?);
                let (signal, how, thread) = (number(8)?, number(12)?, number(16)?);
                Notice {
                    signal: if how == libc::SIGEV_NONE { 0 } else { signal },
                    value,
                    thread: (how == libc::SIGEV_THREAD_ID).then(|| Pid::from_raw(thread)),
                    timer: Some(timer),
                }
            }
        };
        let created = Created { clock: clock as i32, schedule: Schedule::default(), notice };
        self.created.insert(timer, created);
        Ok(())
    }
}

impl Created {
    fn set(&mut self, call: &Call, clock: &Clock) -> Result<i64, Errno> {
        let [_, flags, new, old, ..] = call.arguments();
        let moment = moment(clock, self.clock, flags as i32 & libc::TIMER_ABSTIME != 0);
        let new = Schedule::read(call, new, 1, moment)?;
        self.schedule.write(call, old, 1, clock.now())?;
        self.schedule = new;
        Ok(0)
    }
}

/// The moment that a timer is set to.
fn moment(clock: &Clock, id: i32, absolute: bool) -> impl Fn(i64) -> Moment {
    move |time| match absolute {
        true => clock.moment(id, time).unwrap_or(time),
        false => clock.now().saturating_add(time),
    }
}

impl Notice {
    /// Whether its signal is still on its way.
    fn is_pending(self, process: Pid) -> bool {
        let thread = self.thread.unwrap_or(process);
        let status = Process::new(thread.as_raw()).and_then(|process| process.status());
        let signals = status.map_or(0, |status| status.sigpnd | status.shdpnd);
        self.signal > 0 && signals & (1 << (self.signal - 1)) != 0
    }

    /// # Errors
    ///
    /// `NotBelieved` if the kernel refuses.
    fn send(self, process: Pid) -> Result<(), Failure> {
        if self.signal == 0 {
            return Ok(());
        }
        // As the kernel describes the signal of a timer: the number, no error, what sent it, then
        // the timer, its overruns, and its value.
        let mut description = [0_u8; 128];
        let mut put = |offset: usize, bytes: &[u8]| {
            description[offset..offset + bytes.len()].copy_from_slice(bytes);
        };
        put(0, &self.signal.to_ne_bytes());
        put(8, &libc::SI_TIMER.to_ne_bytes());
        put(16, &self.timer.unwrap_or_default().to_ne_bytes());
        put(24, &self.value.to_ne_bytes());
        let (process, signal) = (process.as_raw(), self.signal);
        // SAFETY: the kernel reads 128 bytes, which is what there is. No crate sends a signal with
        // a description.
        let sent = unsafe {
            match self.thread {
                Some(thread) => libc::syscall(
                    libc::SYS_rt_tgsigqueueinfo,
                    process,
                    thread.as_raw(),
                    signal,
                    description.as_ptr(),
                ),
                None => {
                    libc::syscall(libc::SYS_rt_sigqueueinfo, process, signal, description.as_ptr())
                }
            }
        };
        match Errno::result(sent) {
            // If the process has ended, nobody needs it.
            Ok(_) | Err(Errno::ESRCH) => Ok(()),
            Err(why) => {
                Err(Failure::NotBelieved(format!("a timer's signal cannot be sent ({why})")))
            }
        }
    }
}

/// The timers that make a descriptor readable. Processes may share them, so they belong to none.
#[derive(Default)]
pub struct DescriptorTimers(Vec<DescriptorTimer>);

struct DescriptorTimer {
    /// Our copy of the program's descriptor.
    copy: OwnedFd,
    clock: i32,
    schedule: Schedule,
}

impl DescriptorTimers {
    /// Answers a call, if it is about such a timer. `Ok(false)` if it is not.
    pub fn answer(&mut self, call: &Call, process: Pid, clock: &Clock) -> Result<bool, Failure> {
        let descriptor = call.argument(0) as i32;
        let [_, flags, new, old, ..] = call.arguments();
        let now = clock.now();
        let (set, get) = (libc::SYS_timerfd_settime, libc::SYS_timerfd_gettime);
        if ![set, get].contains(&call.number()) {
            return Ok(false);
        }
        let Some(timer) = self.find_or_add(process, descriptor)? else { return Ok(false) };
        let result = if call.number() == get {
            timer.schedule.write(call, call.argument(1), 1, now).map(|()| 0)
        } else {
            let absolute = flags as i32 & libc::TFD_TIMER_ABSTIME != 0;
            let moment = moment(clock, timer.clock, absolute);
            Schedule::read(call, new, 1, moment).and_then(|new| {
                timer.schedule.write(call, old, 1, now)?;
                timer.schedule = new;
                // What has expired and was not read is forgotten.
                timer.set_real(0)?;
                Ok(0)
            })
        };
        call.answer(result)?;
        Ok(true)
    }

    /// When the next of them expires that is still open in one of these processes.
    pub fn next(&mut self, processes: &[Pid]) -> Result<Option<Moment>, Failure> {
        loop {
            let next = self.0.iter().enumerate().filter_map(|(i, it)| Some((it.schedule.next?, i)));
            let Some((next, index)) = next.min() else { return Ok(None) };
            if self.0[index].is_open(processes)? {
                return Ok(Some(next));
            }
            self.0.remove(index);
        }
    }

    /// Whether one of them is armed.
    pub fn any_armed(&self) -> bool {
        self.0.iter().any(|timer| timer.schedule.next.is_some())
    }

    /// Whether one of them was due before this moment.
    pub fn were_due(&self, before: Moment) -> bool {
        self.0.iter().filter_map(|timer| timer.schedule.next).any(|next| next < before)
    }

    /// Makes those readable that are due now.
    pub fn expire(&mut self, now: Moment) -> Result<(), Failure> {
        for timer in &mut self.0 {
            if timer.schedule.next.is_some_and(|next| next <= now) {
                if timer.is_readable(PollTimeout::ZERO)? {
                    let why = "a timer descriptor expired twice before it was read";
                    return Err(Failure::NotBelieved(why.into()));
                }
                timer.schedule.advance();
                timer.expire()?;
            }
        }
        Ok(())
    }

    fn find_or_add(
        &mut self,
        process: Pid,
        descriptor: i32,
    ) -> Result<Option<&mut DescriptorTimer>, Failure> {
        // A bad descriptor is for the kernel to refuse.
        let Some(clock) = clock_of(process, descriptor) else { return Ok(None) };
        for index in 0..self.0.len() {
            if self.0[index].is(process, descriptor)? {
                return Ok(Some(&mut self.0[index]));
            }
        }
        let copy = descriptors::copy(process, descriptor).map_err(|why| not_copied(&why))?;
        self.0.push(DescriptorTimer { copy, clock, schedule: Schedule::default() });
        Ok(self.0.last_mut())
    }
}

fn not_copied(why: &dyn std::fmt::Display) -> Failure {
    Failure::NotBelieved(format!("the tracer cannot examine a timer descriptor ({why})"))
}

impl DescriptorTimer {
    /// Whether the descriptor of this process is the same timer.
    fn is(&self, process: Pid, descriptor: i32) -> Result<bool, Failure> {
        const KCMP_FILE: c_int = 0;
        // SAFETY: it compares numbers, and touches no memory. No crate has this call.
        let order = unsafe {
            libc::syscall(
                libc::SYS_kcmp,
                process.as_raw(),
                std::process::id() as c_int,
                KCMP_FILE,
                c_long::from(descriptor),
                c_long::from(self.copy.as_raw_fd()),
            )
        };
        match Errno::result(order) {
            Ok(order) => Ok(order == 0),
            // It has ended, or the descriptor is closed.
            Err(Errno::ESRCH | Errno::EBADF) => Ok(false),
            Err(why) => Err(not_copied(&why)),
        }
    }

    fn is_open(&self, processes: &[Pid]) -> Result<bool, Failure> {
        for process in processes {
            for (descriptor, to) in descriptors::all(*process) {
                if to.as_os_str() == TIMER && self.is(*process, descriptor)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Sets the kernel's timer: 0 for never, or the number of nanoseconds.
    fn set_real(&self, nanoseconds: i64) -> Result<(), Errno> {
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        let it_value = Timespec { tv_sec: 0, tv_nsec: nanoseconds };
        timerfd_settime(
            &self.copy,
            TimerfdTimerFlags::empty(),
            &Itimerspec { it_interval, it_value },
        )
        .map_err(|error| Errno::from_raw(error.raw_os_error()))?;
        Ok(())
    }

    /// Lets it expire now. The kernel does that a moment later; somebody who waits for it may be faster to
    /// read it than the tracer is to look.
    fn expire(&self) -> Result<(), Errno> {
        const MOST_LOOKS: usize = 1000;
        self.set_real(1)?;
        for _ in 0..MOST_LOOKS {
            if self.is_readable(PollTimeout::from(1_u8))? || !self.is_set() {
                break;
            }
        }
        Ok(())
    }

    /// Whether the kernel's timer is still to expire.
    fn is_set(&self) -> bool {
        let left = timerfd_gettime(&self.copy).map(|left| left.it_value);
        left.is_ok_and(|left| (left.tv_sec, left.tv_nsec) != (0, 0))
    }

    fn is_readable(&self, timeout: PollTimeout) -> Result<bool, Errno> {
        poll(&mut [PollFd::new(self.copy.as_fd(), PollFlags::POLLIN)], timeout)
            .map(|ready| ready > 0)
    }
}

/// The target of a timer's descriptor, in `/proc`.
const TIMER: &str = "anon_inode:[timerfd]";

/// The clock of a timer's descriptor; `None` if it is not one.
fn clock_of(process: Pid, descriptor: i32) -> Option<i32> {
    descriptors::info(process, descriptor, "clockid").first().copied()
}
